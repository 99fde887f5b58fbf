"""manage.py generate_eoj --citizens N: plausible municipal reports of invented citizens, one JSON line each."""

import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from samples.population import reports


class Command(BaseCommand):
    help = "Skriver rapporter om opdigtede borgere i 98 kommuner, en linje JSON for hver."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--citizens", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, help="filen, der skrives; uden den standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        with options["out"].open("wb") if options["out"] else open(sys.stdout.fileno(), "wb", closefd=False) as out:
            for report in reports(options["citizens"], options["seed"]):
                out.write(orjson.dumps(report) + b"\n")
