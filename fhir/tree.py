"""Reaching into a tree that may hold anything anywhere: nothing here raises. Pure: imports no Django."""

from collections.abc import Iterator
from typing import Any


def empty(value: Any) -> bool:
    """Whether a value is none at all: null, an empty or blank string, an empty list or object."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def present(holder: Any, name: str) -> bool:
    """Whether an element is there in FHIR's sense: with a value, or with an extension in its place."""
    if not isinstance(holder, dict):
        return False
    value = holder.get(name)
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
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else [] if value is None else [value]


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


def nodes(tree: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a tree with its FHIRPath; iterative, so safe for any depth."""
    stack = [(path, tree)]
    while stack:
        here, node = stack.pop()
        if isinstance(node, dict):
            yield here, node
            stack.extend((f"{here}.{key}", value) for key, value in node.items() if isinstance(value, dict | list))
        elif isinstance(node, list):
            stack.extend(
                (f"{here}[{index}]", value) for index, value in enumerate(node) if isinstance(value, dict | list)
            )
