"""The software of the image as a CycloneDX list, from the lock: the same lock, the same list.

python -m deploy.sbom > build/sbom.json
"""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"


def packages(lock: str) -> list[dict[str, Any]]:
    """The components that a lock pins, each with every hash that it accepts.

    Raises:
        ValueError: a line pins nothing, or a package has no hash.
    """
    components = []
    joined = re.sub(r"\\\n\s*", " ", lock)
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
        if not found or not hashes:
            raise ValueError(f"no version or no hash: {line}")
        name, version = found.groups()
        purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{version}"
        components.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "purl": purl,
                # One for each file of the release that may be installed.
                "hashes": [{"alg": "SHA-256", "content": each} for each in sorted(hashes)],
            }
        )
    return sorted(components, key=lambda component: str(component["purl"]))


def bill(lock: str) -> dict[str, Any]:
    """The whole document, https://cyclonedx.org/docs/1.5/json/."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "dance-poses"}},
        "components": packages(lock),
    }


if __name__ == "__main__":
    json.dump(bill(LOCK.read_text()), sys.stdout, indent=2)
    sys.stdout.write("\n")
