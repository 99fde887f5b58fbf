"""What a document says, as one hash: the same for its JSON and its XML rendition. Pure: imports no Django.

SHA-256 of the tree as JSON with sorted keys. Narratives count in their canonical form, and payloads by the bytes they
decode to, since both may be written in more than one way without saying anything else. XML knows neither lists nor
types: a list of one counts as the one, and every value as text.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import orjson

from fhir import narrative
from fhir.structure import Narratives


def fingerprint(tree: Any, narratives: Narratives, payloads: Mapping[str, str]) -> str:
    """Hex SHA-256 of a tree; `payloads` gives the SHA-256 of what a base64 string decodes to, by that string."""
    said = _said(tree, narratives, payloads)
    try:
        canonical = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # lone surrogates or integers beyond 64 bits: no parsed document has them
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=True, default=str).encode()
    return hashlib.sha256(canonical).hexdigest()


def _said(node: Any, narratives: Narratives, payloads: Mapping[str, str]) -> Any:
    """The tree without what says nothing: nulls beside extensions, empty lists and objects."""
    if isinstance(node, dict):
        said = {}
        for key, value in node.items():
            if key == "div" and isinstance(value, str):
                read = narratives.get(value) or narrative.parse(value)
                said[key] = read.canonical
            elif key == "data" and isinstance(value, str) and value in payloads:
                said[key] = f"sha256:{payloads[value]}"
            elif isinstance(value, str):
                said[key] = value
            elif not _nothing(inner := _said(value, narratives, payloads)):
                said[key] = inner
        return said
    if isinstance(node, list):
        inside = [_said(one, narratives, payloads) for one in node]
        return None if all(one is None for one in inside) else inside[0] if len(inside) == 1 else inside
    return node if isinstance(node, str) or node is None else str(node).lower()


def _nothing(value: Any) -> bool:
    return value is None or value in ([], {})
