"""One SOAP question to the service of treatment relations."""

from django.conf import settings

from access.outside import NoAnswer, ask
from access.relation.question import Unavailable

LARGEST = 1_000_000
"""Bytes of an answer: a page of notifications."""


def post(url: str, action: str, content: bytes) -> bytes:
    """The answer's bytes, a fault's too (SOAP sends it with 500); raises Unavailable."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    try:
        seconds = settings.RELATION_BRS_TIMEOUT / 1000
        answer = ask("POST", url, seconds=seconds, largest=LARGEST, content=content, headers=headers)
    except NoAnswer as none:
        raise Unavailable(f"brs-{none.why.value}") from None
    if answer.status not in (200, 500):
        raise Unavailable("brs-status")
    return answer.body
