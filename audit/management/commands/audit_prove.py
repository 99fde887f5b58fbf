"""The proof of one row, as a file that verify_audit.py reads on another machine."""

import uuid
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.actions import Action
from audit.record import SYSTEM, NotRecorded, record
from audit.sealing import store
from audit.sealing.proving import NoProof, prove


class Command(BaseCommand):
    """The file holds the whole row: to make it is to read the log, and is recorded before it is written (I12)."""

    help = "Skriver beviset for, at en hændelse står i loggen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", type=uuid.UUID, help="hændelsens id")
        parser.add_argument("--out", type=Path, help="filen; ellers skrives beviset på skærmen")

    def handle(self, *args: Any, **options: Any) -> None:
        event: uuid.UUID = options["event"]
        try:
            with store.connect("default") as connection:
                text = prove(connection, event)
            record(Action.AUDIT_VIEWED, actor=SYSTEM, entity=f"AuditEvent/{event}")
        except NoProof as reason:
            raise CommandError(str(reason)) from None
        except psycopg.Error as error:
            raise CommandError(_("Loggen kan ikke læses: %s.") % type(error).__name__) from error
        except NotRecorded as error:
            raise CommandError(_("Opslaget kan ikke registreres, så beviset skrives ikke.")) from error
        if options["out"]:
            options["out"].write_text(text)
        else:
            self.stdout.write(text, ending="")
