"""Reaching into a tree that may hold anything anywhere: nothing here raises. Pure: imports no Django."""

from collections.abc import Iterator
from typing import Any

NODE = (dict, list)
"""What has a tree below it; a name, since `dict | list` would be built anew wherever it is asked about."""


def empty(value: Any) -> bool:
    """Whether a value is none at all: null, an empty or blank string, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, NODE) and not value)


def present(holder: Any, name: str) -> bool:
    """Whether an element is there in FHIR's sense: with a value, or with an extension in its place."""
    if not isinstance(holder, dict):
        return False
    value = holder.get(name)
    if isinstance(value, str) and value and not value.isspace():
        return True
    if isinstance(value, list):
        return any(not empty(one) for one in value) or extended(holder.get(f"_{name}"))
    return not empty(value) or extended(holder.get(f"_{name}"))


def extended(sibling: Any) -> bool:
    """Whether the extension half (`_name`) of a primitive element holds an extension."""
    if isinstance(sibling, list):
        return any(extended(one) for one in sibling)
    return isinstance(sibling, dict) and bool(sibling.get("extension"))


def indexed(holder: Any, name: str, path: str) -> list[tuple[str, Any]]:
    """The values of an element with the FHIRPath of each; one that stands where a list should be counts as one."""
    value = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(value, list):
        return [(f"{path}.{name}[{index}]", one) for index, one in enumerate(value)]
    return [] if value is None else [(f"{path}.{name}", value)]


def values(holder: Any, name: str) -> list[Any]:
    """The values of an element, be it a list or one."""
    value = holder.get(name) if type(holder) is dict else None
    return value if type(value) is list else [] if value is None else [value]


def first(holder: Any, *names: str) -> Any:
    """The first value down a path of element names, None when the path ends early."""
    for name in names:
        found = values(holder, name)
        if not found:
            return None
        holder = found[0]
    return holder


def text(holder: Any, *names: str) -> str:
    """The string at the end of a path of element names; "" when there is none, or something else."""
    found = first(holder, *names)
    return found if isinstance(found, str) else ""


def references(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every literal reference in a tree, with its FHIRPath; iterative, so safe for any depth."""
    stack: list[tuple[Any, Any, Any]] = [(None, path, tree)]
    while stack:
        step = stack.pop()
        node = step[2]
        if isinstance(node, dict):
            said = node.get("reference")
            if isinstance(said, str) and said:
                yield f"{_written(step)}.reference", said
            stack.extend((step, f".{key}", value) for key, value in node.items() if isinstance(value, NODE))
        elif isinstance(node, list):
            stack.extend((step, f"[{index}]", value) for index, value in enumerate(node) if isinstance(value, NODE))


def _written(step: Any) -> str:
    parts = []
    while step is not None:
        step, part, _ = step
        parts.append(part)
    return "".join(reversed(parts))
