"""Tells which months of the log are past their time, and drops them when told to."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import retention


class Command(BaseCommand):
    """Run it monthly as the owner; exit code 1 when a month could not go for want of its seal, or of a sure clock."""

    help = "Fortæller, hvilke måneder af loggen der er udløbet, og sletter dem med --drop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drop", action="store_true", help="sletter; uden dette ændres intet")
        parser.add_argument(
            "--after-a-pause", action="store_true", help="et menneske har set efter, at uret går rigtigt efter en pause"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections:
            raise CommandError(_("Sæt DATABASE_OWNER_URL: kun tabellernes ejer kan slette partitioner."))
        connection, now = connections["owner"], datetime.now(UTC)
        old = retention.old(connection, now)
        if not old:
            self._say(_("Ingen måned af loggen er ældre end %s år.") % settings.AUDIT_KEEP_YEARS)
        alarms = []
        drop = options["drop"]
        if old and not options["after_a_pause"] and retention.paused(connection, now):
            drop = False
            alarms.append(
                _(
                    "Intet slettes: loggen har ikke været underskrevet i mere end 31 dage, eller uret er stillet frem."
                    " Se efter, at uret går rigtigt, og brug så --after-a-pause."
                )
            )
        for number, partition in enumerate(old, start=1):
            self._say(f"[{number}/{len(old)}] {partition.name} …")
            try:
                judge = retention.drop(connection, partition, datetime.now(UTC)) if drop else None
                judge = judge or retention.judged(connection, partition)
            except retention.Busy:
                sentence = _("er i brug; prøves igen næste gang.")
            else:
                sentence = self._sentence(judge, drop)
                if judge.unsealed or judge.taken:
                    alarms.append(f"{partition.name} {sentence}")
            self._say(f"{partition.name} {sentence}")
        if alarms:
            raise CommandError(" ".join(alarms))

    def _sentence(self, judge: retention.Judged, dropped: bool) -> str:
        if judge.held:
            return _("bevares efter beslutning (audit_hold).")
        if judge.unsealed:
            count = {"count": judge.unsealed}
            said = ngettext(
                "har %(count)d hændelse, der ikke er forseglet.",
                "har %(count)d hændelser, der ikke er forseglet.",
                judge.unsealed,
            )
            return said % count
        if judge.taken:
            return _("har samme navn som en, der er slettet før; se docs/adr/0033-retention-and-holds.md.")
        count = {"count": judge.rows}
        if dropped:
            return ngettext("er slettet: %(count)d hændelse.", "er slettet: %(count)d hændelser.", judge.rows) % count
        return ngettext("kan slettes: %(count)d hændelse.", "kan slettes: %(count)d hændelser.", judge.rows) % count

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
