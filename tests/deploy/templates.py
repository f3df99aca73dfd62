"""CloudFormation templates as Python values, with their functions written out."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from testing.serving import ROOT


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    pass


def _function(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    """The short form `!Sub x` in its long one: `{"Fn::Sub": x}`."""
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def template(name: str) -> dict[str, Any]:
    """A template of deploy/."""
    path: Path = ROOT / "deploy" / name
    loaded: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)
    return loaded
