"""Holds months of the log back from retention, releases them, and tells which are held."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.translation import gettext as _

from audit import holds
from audit.record import Unfit


class Command(BaseCommand):
    """Without a month it tells; with one it holds it, or releases it with --lift. Run it as the owner."""

    help = "Bevarer måneder af loggen, så de ikke slettes, når deres tid er gået."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", nargs="?", help="fx 2026-03; uden en måned fortælles, hvilke der bevares")
        parser.add_argument("--reason", default="", help="en kode, fx et sagsnummer; aldrig et navn")
        parser.add_argument("--by", default="", help="hvem der har bestemt det: et id, aldrig et navn")
        parser.add_argument("--lift", action="store_true", help="ophæver bevaringen")

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections:
            raise CommandError(_("Sæt DATABASE_OWNER_URL: kun tabellernes ejer kan bevare måneder."))
        if options["month"]:
            self._change(options)
        else:
            for hold in holds.standing(connections["owner"]):
                self.stdout.write(f"{hold.month:%Y-%m} {hold.reason} {hold.set_by}")

    def _change(self, options: dict[str, Any]) -> None:
        said = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", options["month"])
        if not said:
            raise CommandError(_("Skriv måneden som 2026-03."))
        if not options["reason"] or not options["by"]:
            raise CommandError(_("Angiv både --reason og --by."))
        month, now = date(int(said[1]), int(said[2]), 1), datetime.now(UTC)
        told = {"reason": options["reason"], "set_by": options["by"]}
        try:
            changed = holds.change(connections["owner"], month, hold=not options["lift"], now=now, **told)
        except Unfit as unfit:
            raise CommandError(
                _("Grund og id skal være koder uden mellemrum: små bogstaver, tal, punktum, streger; intet CPR-nummer.")
            ) from unfit
        self.stdout.write(_("Det er noteret.") if changed else _("Det er allerede sådan."))
