"""The software of the image for one kind of machine, as a CycloneDX list, from the lock.

python -m deploy.sbom aarch64 > build/sbom-aarch64.json
"""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from analyzer.version import version

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"


def packages(lock: str, machine: str) -> list[dict[str, Any]]:
    """The components that a lock pins for a machine, each with every hash that it accepts.

    Args:
        lock: its text.
        machine: what `uname -m` says on Linux, such as x86_64 or aarch64.

    Raises:
        ValueError: a line pins nothing, or a package has no hash.
    """
    components = []
    environment = {
        "python_full_version": "3.11.0",
        "sys_platform": "linux",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
    }
    joined = re.sub(r"\\\n\s*", " ", lock)
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)(?: *; *(.*?))? *(?=--hash|$)", line)
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
        if not found or not hashes:
            raise ValueError(f"no version or no hash: {line}")
        name, version, marker = found.groups()
        if marker and not Marker(marker).evaluate(environment):
            continue
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


def bill(lock: str, machine: str) -> dict[str, Any]:
    """The whole document, https://cyclonedx.org/docs/1.5/json/; the same for the same lock."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, machine + lock)}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "dance-poses", "version": version()}
        },
        "components": packages(lock, machine),
    }


if __name__ == "__main__":
    json.dump(bill(LOCK.read_text(), sys.argv[1]), sys.stdout, indent=2)
    sys.stdout.write("\n")
