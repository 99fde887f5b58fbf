"""Brings what waits to MinLog: called by the sweep, in a thread of its own, and never by a request.

How a message travels is the caller's: `post` comes as an argument, since this room knows nobody.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings

from audit.minlog import keys, outbox, soap
from audit.minlog.entry import VIEWER, content
from audit.minlog.outbox import Taken

log = logging.getLogger(__name__)
AT_ONCE = 20
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
    if let_go := [source for source, mode in settings.MINLOG.items() if mode != VIEWER]:
        outbox.suppress(let_go)
    if not settings.MINLOG_URL:
        return 0
    rows, sent = outbox.take(AT_ONCE, _lease()), 0
    for at, row in enumerate(rows):
        try:
            outbox.acked(row, _registered(row, post))
            sent += 1
        except Unanswered as none:
            # The others would wait just as long for nothing: they come when somebody answers.
            _failed(row, none.code)
            outbox.untried(rows[at + 1 :])
            break
        except (soap.Refused, keys.NoKey) as fault:
            _failed(row, fault.code)
    return sent


def _lease() -> timedelta:
    """Longer than all of them may take: nobody else sends what is still under way."""
    return timedelta(minutes=1, milliseconds=AT_ONCE * settings.MINLOG_TIMEOUT)


def _registered(row: Taken, post: Post) -> str:
    key = str(row.event_id)
    cpr, said = content(row.event_id, row.key_id, row.cpr, row.payload)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{soap.ACTION}"'}
    return soap.reference(post(settings.MINLOG_URL, headers, soap.message(key, cpr, said)), key)


def _failed(row: Taken, code: str) -> None:
    if outbox.failed(row, code):
        log.error("minlog: %s given up after a week: %s", row.event_id, code)
    else:
        log.warning("minlog: %s not registered: %s", row.event_id, code)
