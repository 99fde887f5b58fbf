"""manage.py import_fsiii FILE: shows what a published FSIII changes, and lets it take effect with --confirm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.actions import Action
from audit.record import SYSTEM, record
from terminology import importing
from terminology.fsiii import Concept
from terminology.reading import Unusable


class Command(BaseCommand):
    help = "Læser FSIII (CodeSystem som JSON eller tabel som CSV) og viser, hvad det ændrer, før det træder i kraft."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version gives way to the catalogue's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--version", dest="release", default="", help="versionen, når filen ikke selv siger den")
        parser.add_argument("--confirm", action="store_true", help="lad kataloget træde i kraft nu")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            imported = importing.compare(file.read_bytes(), file.name, options["release"])
            for line in lines(imported.diff):
                self.stdout.write(line)
            with transaction.atomic():
                release = importing.keep(imported, confirm=options["confirm"])
                if options["confirm"] and not imported.in_effect:
                    record(Action.FSIII_IMPORTED, actor=SYSTEM, entity=f"Release/{release.pk}")
        except (OSError, Unusable) as error:
            raise CommandError(f"{file}: {error}") from error
        self.stdout.write(counts(imported.diff))
        if imported.in_effect:
            self.stdout.write(f"FSIII {imported.version} er allerede i kraft; intet er ændret.")
        elif options["confirm"]:
            self.stdout.write(f"FSIII {imported.version} er i kraft fra nu.")
        else:
            self.stdout.write(f"FSIII {imported.version} er indlæst, men ikke i kraft: kør igen med --confirm.")


def lines(diff: importing.Diff) -> Iterator[str]:
    """One line a change; descriptions where there were none are only counted."""
    for each in diff.new:
        yield f"+ {_code(each)} {each.name}"
    for each in diff.gone:
        yield f"- {_code(each)} {each.name}"
    for old, new in diff.renamed:
        yield f"~ {_code(new)} {old.name} → {new.name}"
    for old, new in diff.moved:
        yield f"> {_code(new)} {new.name} (overbegreb {old.parent or 'intet'} → {new.parent or 'intet'})"
    for old, new in diff.reclassified:
        fields = ("legacy", "kind", "law", "paragraph", "retiring")
        changed = [name for name in fields if getattr(old, name) != getattr(new, name)]
        yield f"* {_code(new)} {new.name} ({', '.join(changed)})"
    for each in diff.redescribed:
        yield f"? {_code(each)} {each.name} (beskrivelsen)"


def counts(diff: importing.Diff) -> str:
    """The same in one sentence."""
    return (
        f"{len(diff.new)} nye, {len(diff.gone)} udgåede, {len(diff.renamed)} omdøbte, {len(diff.moved)} flyttede, "
        f"{len(diff.reclassified)} ændrede i øvrigt, {len(diff.described)} med ny beskrivelse, "
        f"{len(diff.redescribed)} med ændret beskrivelse, {diff.unchanged} uændrede"
    )


def _code(concept: Concept) -> str:
    return f"{concept.key} {concept.legacy}".strip()
