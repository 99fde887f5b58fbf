"""How often one sender may call (ADR 0005): a virtual clock per sender and server process, nothing shared."""

import threading
import time
from typing import cast
from uuid import UUID

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from fhir.models import Sender

SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}
_clocks: dict[UUID, float] = {}
_lock = threading.Lock()


class SenderThrottle(BaseThrottle):
    """The generic cell rate algorithm: a full minute's calls may come at once, then evenly; two floats a sender."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Move the sender's clock one call ahead; refuse when it is more than a whole period ahead of ours."""
        sender = cast(Sender, request.auth)
        count, period = sender.rate.split("/")
        step, now = SECONDS[period] / int(count), time.monotonic()
        with _lock:
            ahead = max(_clocks.get(sender.pk, now), now) + step
            self._wait = ahead - now - SECONDS[period]
            if self._wait > 1e-6:
                return False
            _clocks[sender.pk] = ahead
        return True

    def wait(self) -> float | None:
        """Seconds until the next call will be taken."""
        return self._wait
