"""Seals the log: one process, always running."""

import logging
import signal
import threading
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.sealing import sealer, store
from audit.sealing.keys import BadKeys
from audit.sealing.sequencer import AnotherRuns
from audit.sealing.signing import Refused

log = logging.getLogger("audit.sealing")


class Command(BaseCommand):
    """Exit code 1 and a sentence when it refuses: then a person must look (docs/operations.md)."""

    help = "Forsegler hændelsesloggen: giver hver hændelse en plads i træet og underskriver det."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="forsegl og underskriv, hvad der venter, og slut")
        parser.add_argument(
            "--new-folder",
            action="store_true",
            help="tag en ny AUDIT_PUBLISH i brug: alle kontrolpunkter kopieres dertil",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if "sequencer" not in settings.DATABASES:
            raise CommandError(_("Sæt DATABASE_SEQUENCER_URL: kun sekvensatorens rolle kan forsegle loggen."))
        try:
            if options["once"]:
                size = sealer.once(new_folder=options["new_folder"])
                said = ngettext("Loggen er forseglet: %s hændelse.", "Loggen er forseglet: %s hændelser.", size)
                self.stdout.write(said % size)
                return
            store.collect_seldom()
            stop = threading.Event()
            for which in (signal.SIGTERM, signal.SIGINT):
                signal.signal(which, lambda *_: stop.set())
            sealer.run(stop, new_folder=options["new_folder"])
        except AnotherRuns:
            raise CommandError(_("En anden sekvensator kører allerede.")) from None
        except (BadKeys, Refused) as refused:
            log.error("the log is not sealed: %s", refused)
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(_("Loggens alder kan ikke efterprøves: %s.") % error.strerror) from error
        except psycopg.Error as error:
            raise CommandError(_("Databasen kan ikke nås: %s.") % type(error).__name__) from None
