"""What an operator must hear about the log, said by the sweep: also when the process that should say it has stopped."""

import logging
import time

from audit.minlog import figures as owed
from audit.sealing import figures as sealing

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two looks; the first comes when everything has had as long to begin."""


class Watch:
    """Looks when it is time, and says each alarm as one line."""

    def __init__(self, every: float = EVERY) -> None:
        self.every, self.due = every, time.monotonic() + every

    def sweep_once(self) -> int:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + self.every
            for alarm in (*sealing.alarms(), *owed.alarms()):
                log.error(alarm)
        return 0
