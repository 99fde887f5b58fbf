"""The proof of one row, as a file that verify_audit.py reads on another machine."""

import contextlib
import getpass
import os
import uuid
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.actions import Action
from audit.record import SYSTEM, NotRecorded, Unfit, record
from audit.sealing import store
from audit.sealing.proving import NoProof, prove


class Command(BaseCommand):
    """The file holds the whole row: to make it is to read the log, and is recorded before it is written (I12)."""

    help = "Skriver beviset for, at en hændelse står i loggen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", type=uuid.UUID, help="hændelsens id")
        by = "hvem beviset er til: et id eller et sagsnummer, aldrig et navn; ellers maskinens bruger"
        parser.add_argument("--by", default=_whoever_runs_it(), help=by)
        parser.add_argument("--out", type=Path, help="filen; ellers skrives beviset på skærmen")

    def handle(self, *args: Any, **options: Any) -> None:
        event: uuid.UUID = options["event"]
        try:
            if not options["by"]:
                raise Unfit
            with store.connect("default") as connection:
                proof = prove(connection, event)
            told = {"by": options["by"]}
            record(Action.AUDIT_VIEWED, actor=SYSTEM, patient=proof.patient, entity=f"AuditEvent/{event}", extra=told)
        except Unfit as unfit:
            raise CommandError(
                _("Angiv med --by, hvem beviset er til: en kode uden mellemrum, aldrig et navn eller et CPR-nummer.")
            ) from unfit
        except NoProof as reason:
            raise CommandError(str(reason)) from None
        except psycopg.Error as error:
            raise CommandError(_("Loggen kan ikke læses: %s.") % type(error).__name__) from error
        except NotRecorded as error:
            raise CommandError(_("Opslaget kan ikke registreres, så beviset skrives ikke.")) from error
        if options["out"]:
            _write(options["out"], proof.text)
        else:
            self.stdout.write(proof.text, ending="")


def _whoever_runs_it() -> str:
    """The user of the machine, "" for a process that has none."""
    with contextlib.suppress(OSError, KeyError):
        return getpass.getuser()
    return ""


def _write(path: Path, text: str) -> None:
    """For the owner of the process alone, from the first byte on, also where a file stands already."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8", newline="\n") as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate()
        file.write(text)
