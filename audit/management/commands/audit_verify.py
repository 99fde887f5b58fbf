"""Whether the log holds: exit code 0 when all of it does, 1 with one line for each broken leaf."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import checkpoint
from audit.sealing import keys, store
from audit.sealing.publishing import Folder
from audit.sealing.verifying import Verification


class Command(BaseCommand):
    """Changes nothing; any role that reads the log may run it, and needs no private key."""

    help = "Efterprøver hele hændelsesloggen: rækker, blade, fliser, kontrolpunkter og offentliggjorte kopier."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sample", type=int, metavar="N", help="kun N blade, udtrukket ved lodtrækning")
        parser.add_argument("--keys", type=Path, help="fil med nøgler, som underskrifter efterprøves med")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Folder(settings.AUDIT_PUBLISH)
        broken, self._said = 0, time.monotonic()
        try:
            with store.connect("default") as connection:
                run = Verification(connection, self._keys(options["keys"], folder), folder, datetime.now(UTC), self._on)
                for line in run.sample(options["sample"]) if options["sample"] else run.everything():
                    broken += 1
                    self.stdout.write(line)
        except (psycopg.Error, OSError) as error:
            raise CommandError(_("Loggen kan ikke læses: %s.") % type(error).__name__, returncode=2) from error
        if broken:
            sentence = ngettext("Loggen holder ikke: %s fejl.", "Loggen holder ikke: %s fejl.", broken)
            raise CommandError(sentence % broken)
        told = {"size": run.size, "checkpoints": run.checkpoints, "signed": run.last.size if run.last else 0}
        said = _("Loggen holder. Hændelser: %(size)s. Kontrolpunkter: %(checkpoints)s, det seneste over %(signed)s.")
        self.stdout.write(said % told)

    def _keys(self, given: Path | None, folder: Folder) -> list[str]:
        """Those in the file; else those of the log's own key file, when this process may read it, or as published."""
        if given:
            found = given.read_text().split()
            try:
                return [str(checkpoint.key(each)) for each in found]
            except checkpoint.Untrusted as error:
                raise CommandError(_("%s er ikke en fil med nøgler.") % given, returncode=2) from error
        try:
            return keys.read(settings.AUDIT_KEY).vkeys
        except keys.BadKeys:
            if found := folder.vkeys():
                return found
            raise CommandError(
                _("Der er ingen nøgler at efterprøve underskrifter med: brug --keys."), returncode=2
            ) from None

    def _on(self, done: int, of: int) -> None:
        """Every ten seconds, beside what is told."""
        if time.monotonic() - self._said > 10:
            self._said = time.monotonic()
            print(f"{done:,} / {of:,}".replace(",", "."), file=sys.stderr, flush=True)  # noqa: T201
