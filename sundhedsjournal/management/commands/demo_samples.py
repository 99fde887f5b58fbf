"""manage.py demo_samples: sends the samples through the doors of the running demo; safe to run again."""

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from samples.eoj import INVALID

SAMPLES = settings.BASE_DIR / "samples"


class Command(BaseCommand):
    help = "Sender eksempeldokumenterne til den kørende demo."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [*json.loads((SAMPLES / "manifest.json").read_text()), *_reports()]
        said = io.StringIO()
        call_command("deliver", *[str(SAMPLES / row["file"]) for row in wanted], stdout=said)
        for row, line in zip(wanted, said.getvalue().splitlines(), strict=True):
            got = json.loads(line)
            if (got["status"], got["handling"]) != (row["status"], row["handling"]):
                raise CommandError(f"{row['file']}: {got['status']} {got['handling']}, expected {row['handling']}.")
        print(f"{len(wanted)} samples delivered", file=sys.stderr)  # noqa: T201 stdout belongs to READY


def _reports() -> Iterator[dict[str, Any]]:
    """The municipal reports in the order of their sending, and what becomes of each."""
    for file in sorted((SAMPLES / "eoj").glob("*.json")):
        status, handling = (422, "refused") if INVALID in file.name else (200, "accepted")
        yield {"file": f"eoj/{file.name}", "status": status, "handling": handling}
