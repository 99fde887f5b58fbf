"""Registers a sender and the one who signs its tokens; safe to run again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from joserfc.jwk import KeySet

from fhir.models import Issuer, Sender

OWN_ALGORITHM = {"EC": {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}, "OKP": {"Ed25519": "Ed25519"}}


def register_sender(
    issuer_url: str,
    subject: str,
    name: str,
    kinds: Sequence[str],
    public_jwk: Mapping[str, Any],
    *,
    rate: str = "600/min",
    reads_log: Sequence[str] = (),
) -> Sender:
    """Make or update the issuer with this public key (JWK with `kid`), and the sender it may speak for.

    One that reads the log (`reads_log`, as in the administration) delivers nothing: give it no kinds.
    Other keys and senders of the issuer stay; raises ValueError for a key without `kid` or with a private part.
    """
    key = dict(public_jwk)
    if not key.get("kid"):
        raise ValueError("The key needs a kid, so that tokens can name it.")
    if any(part in key for part in ("d", "k", "p")):
        raise ValueError("Only public keys are registered.")
    KeySet.import_key_set({"keys": [key]})
    algorithm = key.get("alg") or OWN_ALGORITHM.get(key["kty"], {}).get(str(key.get("crv"))) or "PS256"
    with transaction.atomic():
        issuer, _ = Issuer.objects.select_for_update().get_or_create(
            url=issuer_url, defaults={"algorithms": [algorithm], "jwks": {"keys": [key]}}
        )
        others = [held for held in issuer.jwks.get("keys", []) if held.get("kid") != key["kid"]]
        jwks, algorithms = {"keys": [*others, key]}, sorted({*issuer.algorithms, algorithm})
        if (jwks, algorithms) != (issuer.jwks, issuer.algorithms):
            issuer.jwks, issuer.algorithms, issuer.version = jwks, algorithms, issuer.version + 1
            issuer.save(update_fields=["jwks", "algorithms", "version"])
        asked = {"name": name, "kinds": list(kinds), "rate": rate, "reads_log": list(reads_log)}
        return Sender.objects.update_or_create(issuer=issuer, subject=subject, defaults=asked)[0]
