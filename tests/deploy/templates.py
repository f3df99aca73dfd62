"""CloudFormation templates as Python values, with their functions written out."""

import re
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


NO_VALUE = {"Ref": "AWS::NoValue"}


def conditions(of: dict[str, Any], parameters: dict[str, str]) -> dict[str, bool]:
    """Which conditions of a template hold with parameters, those not given by their defaults."""
    given = {name: str(each.get("Default", "")) for name, each in of["Parameters"].items()}
    given |= parameters

    def value(expression: Any) -> Any:
        match expression:
            case {"Ref": name}:
                found: Any = given[name]
            case {"Fn::Sub": text}:
                found = re.sub(r"\$\{(\w+)\}", lambda name: given[name[1]], text)
            case {"Fn::Split": [separator, text]}:
                found = value(text).split(separator)
            case {"Fn::Select": [number, items]}:
                found = value(items)[number]
            case dict():
                found = holds(expression)
            case _:
                found = expression
        return found

    def holds(condition: Any) -> bool:
        ((operator, operands),) = condition.items()
        if operator == "Condition":
            return holds(of["Conditions"][operands])
        values = [value(operand) for operand in operands]
        match operator:
            case "Fn::Equals":
                return bool(values[0] == values[1])
            case "Fn::Not":
                return not values[0]
            case "Fn::And":
                return all(values)
        assert operator == "Fn::Or"
        return any(values)

    return {name: holds(condition) for name, condition in of["Conditions"].items()}


def chosen(value: Any, holding: dict[str, bool]) -> Any:
    """A value of a template with what its conditions choose, and without AWS::NoValue."""
    if isinstance(value, list):
        return [each for each in (chosen(item, holding) for item in value) if each != NO_VALUE]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, true, false = value["Fn::If"]
        return chosen(true if holding[condition] else false, holding)
    found = {name: chosen(item, holding) for name, item in value.items()}
    return {name: item for name, item in found.items() if item != NO_VALUE}


def made(of: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """The resources that a template makes with parameters."""
    holding = conditions(of, parameters)
    return {
        name: chosen(resource, holding)
        for name, resource in of["Resources"].items()
        if "Condition" not in resource or holding[resource["Condition"]]
    }
