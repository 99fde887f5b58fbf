"""manage.py load_eoj FILE.ndjson: loads many municipal reports; run again after an interruption, it goes on."""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eoj.loading import Progress, load
from fhir.models import Sender


class Command(BaseCommand):
    help = "Indlæser kommunale rapporter, en JSON-linje hver; kan afbrydes og køres igen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--sender", default="demo-sender", help="afsenderens navn (sub) i registret")

    def handle(self, *args: Any, **options: Any) -> None:
        sender = Sender.objects.select_related("issuer").filter(subject=options["sender"]).first()
        if sender is None or "eoj" not in sender.kinds:
            raise CommandError(f"Afsenderen {options['sender']} er ikke registreret til kommunale rapporter.")
        began, done = time.monotonic(), Progress()
        try:
            with options["file"].open("rb") as lines:
                for done in load(lines, sender):
                    print(_told(done, began), file=sys.stderr)  # noqa: T201 progress, while it runs
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        self.stdout.write(_told(done, began))


def _told(done: Progress, began: float) -> str:
    rate = done.resources / max(time.monotonic() - began, 0.001)
    return (
        f"{done.read} læst: {done.accepted} modtaget ({done.resources} ressourcer, {rate:.0f}/s), "
        f"{done.quarantined} i karantæne, {done.known} var her allerede"
    )
