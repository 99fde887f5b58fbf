"""Identifiers that come out the same every time: UUID version 5 of what the thing is called. Pure."""

import uuid as standard

_SAMPLES = standard.uuid5(standard.NAMESPACE_URL, "https://sundhedsjournal.example/samples")


def uuid(*names: str) -> str:
    """The UUID of the thing with this name."""
    return str(standard.uuid5(_SAMPLES, "/".join(names)))


def urn(*names: str) -> str:
    return f"urn:uuid:{uuid(*names)}"


def oid(*names: str) -> str:
    """The same as an object identifier: 2.25 is the branch where every UUID is a number."""
    return f"urn:oid:2.25.{standard.UUID(uuid(*names)).int}"
