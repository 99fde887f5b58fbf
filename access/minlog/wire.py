"""One message to MinLog, over the same line as every other question of this house."""

from collections.abc import Mapping

from django.conf import settings

from access.outside import NoAnswer, ask
from audit.minlog.delivery import Unanswered

LARGEST = 100_000
"""Bytes of an answer."""


def post(url: str, headers: Mapping[str, str], content: bytes) -> bytes:
    """The answer's bytes, a fault's too (SOAP sends it with 500); raises Unanswered."""
    try:
        seconds = settings.MINLOG_TIMEOUT / 1000
        answer = ask("POST", url, seconds=seconds, largest=LARGEST, content=content, headers=dict(headers))
    except NoAnswer as none:
        raise Unanswered(f"minlog-{none.why.value}") from None
    if answer.status not in (200, 500):
        raise Unanswered("minlog-status")
    return answer.body
