"""manage.py import_sor FILE.csv: shows what the file changes in the SOR register, and changes it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actions import Action
from audit.record import SYSTEM, record
from organisations import importing


class Command(BaseCommand):
    help = "Læser et udtræk af SOR (CSV) og viser, hvad det ændrer, før det skrives."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="vis forskellen, men skriv intet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as file:
                difference = importing.diff(file)
        except (OSError, UnicodeDecodeError, importing.Unusable) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        for row in difference.added:
            self.stdout.write(f"+ {row.sor} {row.name}")
        for row, columns in difference.changed:
            self.stdout.write(f"~ {row.sor} {row.name} ({', '.join(columns)})")
        if not options["dry_run"]:
            importing.apply(difference)
            record(Action.SOR_IMPORTED, actor=SYSTEM, entity=f"Sor/{len(difference.added)}-{len(difference.changed)}")
        self.stdout.write(
            f"{len(difference.added)} nye, {len(difference.changed)} ændrede, {difference.unchanged} uændrede"
            + (" (intet skrevet)" if options["dry_run"] else "")
        )
