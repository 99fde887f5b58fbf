"""Changes the key that hides what waits for MinLog, and tells which keys are still needed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.minlog import keys
from audit.minlog.table import MinLogRow


class Command(BaseCommand):
    """A line for each key: its name, how many rows it hides, and whether it may be taken out of the file."""

    help = "Viser nøglerne i MINLOG_KEY; med --new laves den første, eller en ny lægges forrest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="lav en ny nøgle, som alt nyt skjules med")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["new"]:
                keys.added()
            names = keys.names()
        except keys.NoKey as fault:
            if fault.code == "key-missing":
                raise CommandError(
                    _("Nøglefilen MINLOG_KEY findes ikke. Lav den: manage.py minlog_key --new")
                ) from None
            raise CommandError(_("Nøglefilen MINLOG_KEY kan ikke læses: %s.") % fault.code) from None
        held = MinLogRow.objects.exclude(key_id="").values_list("key_id").annotate(Count("pk")).order_by("key_id")
        rows = dict(held)
        for name in names:
            self.stdout.write(_told(name, rows.pop(name, 0), name == names[0]))
        if rows:
            raise CommandError(_("Rækker er skjult med nøgler, som ikke er i filen: %s.") % ", ".join(rows))


def _told(name: str, rows: int, current: bool) -> str:
    if current:
        said = ngettext("%(name)s skjuler det nye, %(rows)d række", "%(name)s skjuler det nye, %(rows)d rækker", rows)
        return said % {"name": name, "rows": rows}
    if rows:
        said = ngettext("%(name)s er i brug, %(rows)d række", "%(name)s er i brug, %(rows)d rækker", rows)
        return said % {"name": name, "rows": rows}
    return _("%(name)s kan fjernes") % {"name": name}
