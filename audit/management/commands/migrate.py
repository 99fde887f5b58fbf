"""`migrate` as the owner of the tables: then the rights of app and sequencer, then the audit's months."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from audit import grants, partitions

OWNER = "owner"


class Command(migrate.Command):
    """Django's migrate on the database alias `owner`, with rights and partitions after it."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER)

    def execute(self, *args: Any, **options: Any) -> str | None:
        if options["database"] not in connections:
            raise CommandError(
                _("Sæt DATABASE_OWNER_URL til databasens ejerrolle: appens egen rolle må ikke ændre tabellerne.")
            )
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        connection = connections[options["database"]]
        role, owner = settings.DATABASES["default"].get("USER", ""), connection.settings_dict.get("USER", "")
        if role in ("", owner):
            self.stderr.write(
                _("Advarsel: appen forbinder som tabellernes ejer; kun triggerne beskytter hændelsesloggen.")
            )
        else:
            try:
                grants.grant(connection, role)
            except grants.NoSuchRole as unknown:
                raise CommandError(
                    _("Databaserollen %s i DATABASE_URL findes ikke: opret den først.") % unknown
                ) from None
        self._grant_sequencer(connection)
        if partitions.exists(connection):
            made = partitions.make_ahead(connection, datetime.now(UTC))
            if made and self.verbosity >= 1:
                self.stdout.write("  " + _("Nye partitioner: %s") % ", ".join(made))

    def _grant_sequencer(self, connection: BaseDatabaseWrapper) -> None:
        """Without its URL here, the role bears the name that it has in docs/operations.md."""
        told = settings.DATABASES.get("sequencer", {}).get("USER", "")
        try:
            grants.grant_sequencer(connection, told or grants.SEQUENCER)
        except grants.NoSuchRole as unknown:
            if told:
                raise CommandError(
                    _("Databaserollen %s i DATABASE_SEQUENCER_URL findes ikke: opret den først.") % unknown
                ) from None
            self.stderr.write(
                _("Advarsel: databaserollen %s findes ikke, så hændelsesloggen bliver ikke forseglet.") % unknown
            )
