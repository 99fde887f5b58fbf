"""Makes the key that signs the log, and the keys that follow it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.checkpoint import Untrusted
from audit.sealing import keys


class Command(BaseCommand):
    """Prints the verifier keys, which everybody may know; the file itself is for the sequencer alone."""

    help = "Laver nøglen, der underskriver hændelsesloggen, og skriver de nøgler, som underskrifter efterprøves med."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--rotate", action="store_true", help="ny nøgle; den gamle skriver under i 30 dage endnu")
        what.add_argument("--new-log", metavar="NAVN", help="ny nøgle til en log med et andet navn")
        parser.add_argument("--name", help="loggens navn, når den første nøgle laves (webstedets navn og /audit)")

    def handle(self, *args: Any, **options: Any) -> None:
        path, now = settings.AUDIT_KEY, datetime.now(UTC)
        try:
            if options["rotate"] or options["new_log"]:
                found = keys.rotate(path, now, options["new_log"] or "")
            elif path.exists():
                found = keys.read(path)
            else:
                found = keys.make(path, options["name"] or f"{urlsplit(settings.SITE_URL).netloc}/audit", now)
        except (keys.BadKeys, Untrusted) as bad:
            raise CommandError(_("Nøglefilen kan ikke bruges: %s.") % bad) from bad
        for vkey in found.vkeys if options["verbosity"] else ():
            self.stdout.write(vkey)
