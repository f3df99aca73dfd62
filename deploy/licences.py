"""The licences of what is in the image beside this project, from the metadata of its wheels.

python -m deploy.licences > docs/third-party-licences.md
"""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from typing import Final

from deploy.sbom import LOCK, packages

INTRODUCTION: Final = """\
# Licences of others

What the image has beside this project, Python and Debian, with the licence that each package
names. `make licences` writes this page from the metadata of the locked wheels. The texts that come
with the wheels are in the image, in `/opt/venv/lib/python3.11/site-packages/*.dist-info`; Python's
is in `/usr/local/lib/python3.11/LICENSE.txt`, those of Debian's packages are in
`/usr/share/doc/*/copyright`.
"""

CARRIED: Final = """
## Libraries that wheels carry

A package's licence is that of its own code. Its wheel may carry libraries of others, which have
their own; on x86-64 these are:
"""

GPL: Final = """
## What this asks of you

Who runs the service, for others too, passes no software on, and then these licences ask nothing.
Nor does an image that stays in your own registry. Who gives the image to others, or puts it into a
public registry, has to keep to all of these licences. Most want no more than their text beside it.
The wheel of av (PyAV) wants more than the BSD-3-Clause that it names:

- It carries x264 and x265, which are under the GPL, version 2 or later, or a licence that their
  makers sell. x264 encodes the annotated video.
- It carries FFmpeg, linked to both, which says of itself that it is under the LGPL, version 3 or
  later.

The service loads them into its own processes. So, as the GPL is usually read, the whole can be
passed on only under terms that the GPL, version 3, allows, with its text, and with the complete
source of these libraries as they are in the wheel, or a written offer of it. A licence for this
project that doesn't go together with the GPL would stand against that. The wheels of
opencv-python-headless (FFmpeg under the LGPL, version 2.1 or later) and numpy (libgfortran,
libquadmath) carry libraries whose source has to be had, too; so does psycopg's, which is under
the LGPL, version 3, itself. Where much depends on it, ask a lawyer.

Nothing but the annotated video is encoded: FFmpeg built without x264 and x265, and PyAV built on
that, would take the GPL out of the image, and this answer out of the service. Patents on H.264 and
HEVC are another matter.
"""


MIT: Final = "Permission is hereby granted, free of charge, to any person"
"""How the text of that licence begins."""


def page(lock: str) -> str:
    """Give the page for a lock, on a machine where it is installed.

    Raises:
        importlib.metadata.PackageNotFoundError: a package isn't installed.
        ValueError: another version is installed, or a package names no licence.
    """
    pinned = {each["name"]: each["version"] for each in packages(lock, "x86_64")}
    other = {each["name"]: each["version"] for each in packages(lock, "aarch64")}
    rows: list[str] = []
    carried: list[str] = []
    for name, version in pinned.items():
        installed = distribution(name)
        if installed.version not in (version, other[name]):
            raise ValueError(
                f"{name} is {installed.version} here, not {version}; make .venv/runtime"
            )
        both = version if other[name] == version else f"{version}; {other[name]} on ARM64"
        rows.append(f"| {name} | {both} | {_licence(installed)} |\n")
        if libraries := sorted(set(_libraries(installed))):
            carried.append(f"- {name}: {', '.join(libraries)}\n")
    table = "\n| package | version | licence |\n|---|---|---|\n" + "".join(rows)
    return INTRODUCTION + table + CARRIED + "\n" + "".join(carried) + GPL


def _licence(installed: Distribution) -> str:
    """What its metadata names: an expression of SPDX, a class of the index, or a short text."""
    metadata = installed.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classes = [
        each.rpartition(" :: ")[2]
        for each in metadata.get_all("Classifier", [])
        if each.startswith("License :: ")
    ]
    text, *_ = metadata.get_all("License", [""])
    if classes:
        return ", ".join(classes)
    if text and "\n" not in text:
        return text
    if any(MIT in file.read_text() for file in installed.files or [] if file.stem == "LICENSE"):
        return "MIT (by the text of its LICENSE)"
    raise ValueError(f"{installed.name} names no licence")


def _libraries(installed: Distribution) -> Iterator[str]:
    """The shared libraries beside its own modules, without versions and hashes."""
    for file in installed.files or []:
        found = re.match(r"lib[\w-]+?(?=-r0|-[0-9a-f]{8}|\.so)", file.name)
        if found and file.parts[0].endswith(".libs"):
            yield found[0]


if __name__ == "__main__":
    print(page(LOCK.read_text()), end="")
