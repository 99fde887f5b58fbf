"""What never reaches a log."""

import logging
import re
from datetime import UTC, datetime

CPR = re.compile(r"(?<![\w-])(\d{6})-?\d{4}(?![\w-])")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
DETAIL = re.compile(r"^DETAIL: .*?(?=^(?:The above exception|During handling|Traceback)|\Z)", re.MULTILINE | re.DOTALL)
"""What PostgreSQL adds to its errors: the row, with all that is in it."""


class NoCpr(logging.Formatter):
    """The last net: masks anything that looks like a CPR number in a finished line and in the fault below it.

    A message stays one line: an address from outside may hold a line feed, and would write a line of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        return CPR.sub("[CPR]", DETAIL.sub("DETAIL: –\n", super().format(record)))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """In UTC, with its offset: lines of several machines, and of the hour that comes twice, keep their order."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:
        return CONTROL.sub("?", super().formatMessage(record))
