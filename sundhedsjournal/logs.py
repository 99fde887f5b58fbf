"""What never reaches a log."""

import logging
import re

CPR = re.compile(r"(?<![\w-])(\d{6})-?\d{4}(?![\w-])")


class NoCpr(logging.Formatter):
    """The last net: masks anything that looks like a CPR number in a finished line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return CPR.sub("[CPR]", super().format(record))
