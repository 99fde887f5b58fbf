"""manage.py pull_eoj [NAME]: fetches municipal reports from one gateway, or all; may be broken off and run again."""

import sys
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from eoj.models import Gateway
from eoj.pulling import Told, pull
from fhir.primitives import moment


class Command(BaseCommand):
    help = "Henter kommunale rapporter fra en gateway eller fra alle; kan afbrydes og køres igen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="gatewayens navn; uden navn alle, der hentes efter planen")
        parser.add_argument(
            "--again-from", metavar="INSTANT", help="hent igen fra 2026-03-01 eller 2026-03-01T12:00:00Z"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, again_from = options["name"], _moment(options["again_from"])
        gateways = Gateway.objects.filter(**({"name": name} if name else {"active": True})).order_by("name")
        if name and not gateways:
            raise CommandError(f"Der er ingen gateway med navnet {name}.")
        failed = 0
        for gateway in gateways:
            ending = pull(gateway.pk, by_hand=True, again_from=again_from, told=lambda told: _say(_told(told)))
            if ending is None:
                _say(f"{gateway.name}: en anden kørsel er i gang, eller en er slået ihjel; prøv igen om ti minutter.")
            else:
                self.stdout.write(f"{gateway.name}: {ending.label}")
            failed += ending != Gateway.Ending.DONE
        if failed:
            raise CommandError(f"{failed} af {len(gateways)} gateways er ikke hentet til ende.")


def _told(told: Told) -> str:
    done = told.done
    return (
        f"side {told.pages}: {done.read} læst: {done.accepted} modtaget ({done.resources} ressourcer), "
        f"{done.quarantined} i karantæne, {done.known} var her allerede"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 progress, while it runs


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        day = parse_date(said)
    except ValueError:
        day = None
    found = moment(said) if day is None else timezone.make_aware(datetime.combine(day, time.min))
    if found is None:
        raise CommandError(f"{said} er hverken en dato eller et tidspunkt med tidszone.")
    return found
