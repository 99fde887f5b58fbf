"""manage.py sweep: looks twice a second for work that nobody does; any number of these may run."""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections

from fhir.errors import place
from sundhedsjournal.sweepers import SWEEPERS

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Finder arbejde, som køen har tabt, og får det gjort."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="se efter én gang, og slut")
        parser.add_argument("--every", type=float, default=0.5, help="sekunder mellem hvert eftersyn")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if options["once"]:
            for sweeper in SWEEPERS:
                look(sweeper)
            return
        for which in (signal.SIGTERM, signal.SIGINT):
            signal.signal(which, lambda *_: stop.set())
        # One thread each: pages that take long to draw never keep a document waiting.
        threads = [threading.Thread(target=keep_looking, args=(each, stop, options["every"])) for each in SWEEPERS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def keep_looking(sweeper: Callable[[], int], stop: threading.Event, seconds: float) -> None:
    """Look until told to stop; what was begun is finished."""
    while not stop.is_set():
        look(sweeper)
        stop.wait(seconds)
    connections.close_all()


def look(sweeper: Callable[[], int]) -> None:
    """Look once; whatever goes wrong, the next look finds the same work, on a new connection if need be."""
    try:
        sweeper()
    except Exception as error:
        log.warning("sweep interrupted: %s", place(error))
        if isinstance(error, Error):
            connections.close_all()
