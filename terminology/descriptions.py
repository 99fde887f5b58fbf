"""Our own short descriptions of concepts, for readers until a published catalogue is imported. Pure."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data" / "descriptions.toml"


@cache
def own() -> Mapping[str, str]:
    """Description by the concept's uuid; a concept we have written nothing about is not here."""
    told = tomllib.loads(DATA.read_text("utf-8"))
    return MappingProxyType({key: said["text"] for key, said in told.items()})
