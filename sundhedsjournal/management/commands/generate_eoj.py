"""manage.py generate_eoj --citizens N: plausible municipal reports of invented citizens, one JSON line each."""

import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from samples.municipalities import MUNICIPALITIES
from samples.organisations import register
from samples.population import reports


class Command(BaseCommand):
    help = "Skriver rapporter om opdigtede borgere i 98 kommuner, en linje JSON for hver."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--citizens", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, help="filen, der skrives; uden den standard output")
        parser.add_argument("--sor", type=Path, help="også et udtræk af SOR med de 98 kommuner, til import_sor")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sor"]:
            options["sor"].write_text(register(MUNICIPALITIES), "utf-8")
        with options["out"].open("wb") if options["out"] else open(sys.stdout.fileno(), "wb", closefd=False) as out:
            for report in reports(options["citizens"], options["seed"]):
                out.write(orjson.dumps(report) + b"\n")
