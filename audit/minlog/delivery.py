"""Brings what waits to MinLog: called by the sweep, in a thread of its own, and never by a request.

How a message travels is the caller's: `post` comes as an argument, since this room knows nobody.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings

from audit.minlog import keys, outbox, soap
from audit.minlog.entry import VIEWER, content
from audit.minlog.outbox import Taken

log = logging.getLogger(__name__)
AT_ONCE = 20
BUDGET = 1.0
"""Seconds after which a sweep takes no more: it must be able to end."""
Post = Callable[[str, Mapping[str, str], bytes], bytes]
"""Address, headers and content → the answer, a fault's too; raises Unanswered."""


class Unanswered(Exception):
    """Nobody answered, or nobody who speaks SOAP: the next would meet the same. `code` is for the row."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sweep_once(post: Post) -> int:
    """Send what is due; returns how many rows were acknowledged.

    Without an address everything waits: what the setting says is ours to register stays owed until it is known where.
    """
    outbox.wipe()
    if not settings.MINLOG_URL:
        return 0
    began, sent = time.monotonic(), 0
    while rows := outbox.take(AT_ONCE, _lease()):
        for at, row in enumerate(rows):
            try:
                sent += _sent(row, post)
            except Unanswered as none:
                # The others would wait just as long for nothing: they come when somebody answers.
                _failed(row, none.code)
                outbox.untried(rows[at + 1 :])
                return sent
        if len(rows) < AT_ONCE or time.monotonic() - began > BUDGET:
            break
    return sent


def _sent(row: Taken, post: Post) -> bool:
    """Whether MinLog has it now; raises Unanswered."""
    if settings.MINLOG.get(row.source) != VIEWER:
        outbox.let_go(row)
        return False
    try:
        outbox.acked(row, _registered(row, post))
    except (soap.Refused, keys.NoKey) as fault:
        _failed(row, fault.code)
        return False
    return True


def _lease() -> timedelta:
    """Longer than all of them may take: nobody else sends what is still under way."""
    return timedelta(minutes=1, milliseconds=AT_ONCE * settings.MINLOG_TIMEOUT)


def _registered(row: Taken, post: Post) -> str:
    key = str(row.event_id)
    cpr, said = content(row.event_id, row.key_id, row.cpr, row.payload)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{soap.ACTION}"'}
    try:
        message = soap.message(key, cpr, said)
    except (ValueError, TypeError, AttributeError):
        # Of another version, or a text that XML cannot hold: this one waits for somebody, and keeps no other waiting.
        raise soap.Refused("content-unreadable") from None
    return soap.reference(post(settings.MINLOG_URL, headers, message), key)


def _failed(row: Taken, code: str) -> None:
    if outbox.failed(row, code):
        log.error("minlog: %s given up after a week: %s", row.event_id, code)
    else:
        log.warning("minlog: %s not registered: %s", row.event_id, code)
