"""manage.py sweep: looks twice a second for work that nobody does; any number of these may run."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections

from sundhedsjournal.sweepers import SWEEPERS

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Finder arbejde, som køen har tabt, og får det gjort."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="se efter én gang, og slut")
        parser.add_argument("--every", type=float, default=0.5, help="sekunder mellem hvert eftersyn")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for which in (signal.SIGTERM, signal.SIGINT):
                signal.signal(which, lambda *_: stop.set())
        while not stop.is_set():
            for sweeper in SWEEPERS:
                try:
                    sweeper()
                except Error as error:
                    # The database went away: the next look, on a new connection, finds the same work.
                    log.warning("sweep.interrupted error=%s", type(error).__name__)
                    connections.close_all()
            if options["once"]:
                return
            stop.wait(options["every"])
