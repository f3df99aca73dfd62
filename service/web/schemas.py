"""JSON Schemas of which the descriptions of the service are made."""

from typing import Any, Final

NUMBER: Final = {"type": "number"}
WHOLE: Final = {"type": "integer", "minimum": 0}
TEXT: Final = {"type": "string"}
TRUTH: Final = {"type": "boolean"}


def object_of(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """Give the schema of an object that has these properties, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of a list of such items."""
    return {"type": "array", "items": items}


def named(name: str) -> dict[str, str]:
    """Give what stands for the schema of this name in a description."""
    return {"$ref": f"#/components/schemas/{name}"}
