"""The `next` link: the search and the place in it, sealed, so that no address names a person; it needs no table."""

import base64
import uuid
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

from audit.searching import Place
from fhir.bundle import Rejected
from fhir.log.asking import Asked


def sealed(reader: uuid.UUID, asked: Asked, agent: uuid.UUID | None, place: Place) -> str:
    """What the next page is asked for with, by this reader alone."""
    said = [reader, asked.patient, agent, asked.start, asked.end, asked.count, *place]
    return _box().encrypt(orjson.dumps(said)).decode().rstrip("=")


def opened(said: str, reader: uuid.UUID) -> tuple[Asked, Place]:
    """What was sealed; raises Rejected for anything that we have not sealed for this reader."""
    try:
        raw = _box().decrypt(f"{said}{'=' * (-len(said) % 4)}")
    except (InvalidToken, ValueError):
        raise _unknown() from None
    told: list[Any] = orjson.loads(raw)
    if told[0] != str(reader):
        raise _unknown()
    patient, agent, last = (uuid.UUID(each) if each else None for each in (told[1], told[2], told[7]))
    start, end, recorded = (datetime.fromisoformat(each) if each else None for each in (told[3], told[4], told[6]))
    if recorded is None or last is None:
        raise _unknown()
    return Asked(patient, agent, start, end, told[5]), Place(recorded, last)


def _box() -> Fernet:
    """The key comes of SECRET_KEY: with a new one a reader searches again."""
    return Fernet(base64.urlsafe_b64encode(salted_hmac("fhir.log.paging", "", algorithm="sha256").digest()))


def _unknown() -> Rejected:
    return Rejected("Linket til næste side kan ikke bruges; søg igen.", "_page", "search-page")
