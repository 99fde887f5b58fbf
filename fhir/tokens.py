"""Reads a sender's bearer token (OAuth 2.0, JWT of RFC 7519 signed as RFC 7515); nothing is ever fetched."""

import base64
import binascii
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from fhir.models import Issuer, Sender

LEEWAY = 30
LONGEST_LIFE = 24 * 3600
LONGEST_TOKEN = 8192
FOREIGN = {"jwk", "jku", "x5u", "x5c", "crit", "b64"}
"""Header parameters by which a token could bring or point to a key of its own, or change what is signed."""
NOT_ACCEPTED = "Adgangsbeviset (bearer token) blev ikke godkendt."


SENDER = [field.attname for field in Sender._meta.concrete_fields]
ISSUER = [field.attname for field in Issuer._meta.concrete_fields if field.attname != "jwks"]
REGISTERED = (
    f"SELECT {', '.join(f's.{name}' for name in SENDER)}, {', '.join(f'i.{name}' for name in ISSUER)}"  # noqa: S608
    " FROM fhir_sender s JOIN fhir_issuer i ON i.id = s.issuer_id WHERE i.url = %s AND s.subject = %s"
)


class Refused(Exception):
    """A token we do not take: a code for the audit, and a Danish sentence for the sender."""

    def __init__(self, reason: str, sentence: str = NOT_ACCEPTED) -> None:
        super().__init__(reason)
        self.reason, self.sentence = reason, sentence


@dataclass(frozen=True)
class Keys:
    """An issuer's public keys as read at one version of its row."""

    version: int
    by_kid: dict[str, Key]


_keys: dict[UUID, Keys] = {}


def sender_of(token: str) -> Sender:
    """The sender that this token speaks for; raises Refused."""
    header, claims = _peek(token)
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not _plain(issuer) or not _plain(subject):
        raise Refused("issuer-unknown")
    sender = _registered(str(issuer), str(subject))
    if sender is None or not sender.issuer.active:
        raise Refused("sender-unknown")
    _verify(token, header, sender.issuer)
    _check_times(claims)
    audience = claims.get("aud")
    if settings.FHIR_AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
        raise Refused("audience-wrong", f"Adgangsbeviset er ikke udstedt til {settings.FHIR_AUDIENCE}.")
    if not sender.active:
        raise Refused("sender-inactive", "Afsenderen er lukket for levering.")
    return sender


def _registered(issuer: str, subject: str) -> Sender | None:
    """The sender's row as it is now, with its issuer but without the keys: those are read again when they change.

    Raw, since every request asks, and Django takes longer to write this query than PostgreSQL to answer it.
    """
    with connection.cursor() as cursor:
        cursor.execute(REGISTERED, [issuer, subject])
        row = cursor.fetchone()
    if row is None:
        return None
    sender: Sender = Sender.from_db(connection.alias, SENDER, row[: len(SENDER)])
    sender.issuer = Issuer.from_db(connection.alias, ISSUER, row[len(SENDER) :])
    return sender


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet believed: they only say whose keys to try."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:
        raise Refused("token-malformed")
    try:
        header, claims = (orjson.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
    except (ValueError, binascii.Error) as error:
        raise Refused("token-malformed") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused("token-malformed")
    return header, claims


def _verify(token: str, header: dict[str, Any], issuer: Issuer) -> None:
    """Only a registered key, named by its kid, with an algorithm that the issuer is allowed."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if FOREIGN & header.keys():
        raise Refused("key-brought-along")
    if algorithm not in issuer.algorithms:
        raise Refused("algorithm-refused")
    key = _keys_of(issuer).get(kid) if isinstance(kid, str) else None
    if key is None or key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        raise Refused("key-unknown")
    try:
        jws.deserialize_compact(token, key, algorithms=[algorithm])
    except (JoseError, ValueError) as error:
        raise Refused("signature-wrong") from error


def _keys_of(issuer: Issuer) -> dict[str, Key]:
    held = _keys.get(issuer.pk)
    if held is None or held.version != issuer.version:
        keys = KeySet.import_key_set(issuer.jwks).keys if issuer.jwks.get("keys") else []
        held = _keys[issuer.pk] = Keys(issuer.version, {key.kid: key for key in keys if key.kid})
    return held.by_kid


def _check_times(claims: dict[str, Any]) -> None:
    now = time.time()
    expires, begins, issued = (
        _seconds(claims.get("exp")),
        _seconds(claims.get("nbf", 0)),
        _seconds(claims.get("iat", 0)),
    )
    if expires is None or begins is None or issued is None:
        raise Refused("expiry-missing", "Adgangsbeviset har intet gyldigt udløb (exp).")
    if expires <= now - LEEWAY:
        raise Refused("expired", "Adgangsbeviset er udløbet.")
    if expires > now + LONGEST_LIFE + LEEWAY:
        raise Refused("lifetime-too-long", "Adgangsbeviset gælder for længe; højst et døgn.")
    if max(begins, issued) > now + LEEWAY:
        raise Refused("not-yet-valid", "Adgangsbeviset gælder ikke endnu.")


def _seconds(value: Any) -> float | None:
    """A NumericDate (RFC 7519 §2)."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 300 and value.isprintable()
