"""Makes the audit's months ahead, and tells an operator when one is missing."""

import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from audit import grants, partitions

log = logging.getLogger("audit.partitions")


class Command(BaseCommand):
    """Run it daily as the owner; exit code 1 and a sentence when something must be looked at."""

    help = "Laver hændelsesloggens månedspartitioner i forvejen og slår alarm, når en mangler."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--months", type=int, default=partitions.MONTHS_AHEAD, help="måneder i forvejen")
        parser.add_argument("--check", action="store_true", help="ændrer intet; kan køres af appens egen rolle")
        parser.add_argument("--adopt", action="store_true", help="gør standardpartitionen til dens rækkers måned")

    def handle(self, *args: Any, **options: Any) -> None:
        alias = "default" if options["check"] and "owner" not in connections else "owner"
        if alias not in connections:
            raise CommandError(_("Sæt DATABASE_OWNER_URL: kun tabellernes ejer kan lave partitioner."))
        connection, now = connections[alias], datetime.now(UTC)
        if options["adopt"]:
            self._adopt()
        if not options["check"]:
            made = partitions.make_ahead(connection, now, options["months"])
            self._grant()
            self.stdout.write(_("Nye partitioner: %s") % (", ".join(made) or _("ingen")))
        if told := partitions.alarms(connection, now):
            for sentence in told:
                log.error(sentence)
            raise CommandError(" ".join(told))

    def _adopt(self) -> None:
        try:
            name = partitions.adopt(connections["owner"])
        except DatabaseError as error:
            raise CommandError(
                _("Standardpartitionens rækker passer ikke i én ny partition; se docs/adr/0004-audit-table.md.")
            ) from error
        self.stdout.write(_("Standardpartitionen er nu %s.") % name if name else _("Standardpartitionen er tom."))

    def _grant(self) -> None:
        role = settings.DATABASES["default"].get("USER", "")
        if role and role != connections["owner"].settings_dict.get("USER"):
            grants.grant(connections["owner"], role)
