"""The version, which pyproject.toml has."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

_PROJECT: Final = Path(__file__).resolve().parent.parent / "pyproject.toml"


@cache
def version() -> str:
    """Give the project's version."""
    return str(tomllib.loads(_PROJECT.read_text())["project"]["version"])
