"""manage.py demo_data: test persons, keys and the SOR extract of the samples; safe to run again."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from joserfc.jwk import ECKey

from access.models import Block, Role
from access.registering import register_block, register_citizen, register_client, register_user
from fhir.registering import register_sender
from samples.personas import BLOCKED, CITIZENS, PATIENTS, USERS

SAMPLES = settings.BASE_DIR / "samples"
EPJ_ISSUER = "demo-epj"
CITIZEN_ISSUER = "demo-borger"
DEMO_ISSUER = "https://sender.demo.invalid"


class Command(BaseCommand):
    help = "Opretter testpersoner, nøgler og organisationer til demoen."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_data makes test persons: it needs SJ_DEMO=1, and never runs beside real patients.")
        sender, epj = key("demo-sender"), key("epj")
        public = sender.as_dict(private=False)
        register_sender(DEMO_ISSUER, "demo-sender", "Demo-afsender", ["ekg", "eoj"], public, rate="60000/min")
        register_client("demo-epj", "Demo-EPJ", epj.as_dict(private=False), user_issuer=EPJ_ISSUER)
        for user in USERS.values():
            role = Role.MUNICIPAL if user.municipal else Role.CLINICIAN
            register_user(EPJ_ISSUER, user.id, name=user.name, title=user.title, role=role, is_admin=user.admin)
        for patient in (PATIENTS[name] for name in CITIZENS):
            who = {"name": patient.name, "cpr": patient.cpr, "username": f"borger-{patient.id}"}
            register_citizen(CITIZEN_ISSUER, patient.id, **who)
        for name, (first, last) in BLOCKED.items():
            register_block(PATIENTS[name].cpr, Block.Kind.PERIOD, data_from=first, data_to=last)
        call_command("import_sor", str(SAMPLES / "sor.csv"), stdout=open(os.devnull, "w"))  # noqa: SIM115


def key(name: str) -> ECKey:
    """The private key of one demo party, made once and readable by its owner only."""
    file = Path(settings.VAR) / "keys" / f"{name}.json"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})
        file.touch(0o600)
        file.write_text(json.dumps(made.as_dict(private=True)))
    return ECKey.import_key(json.loads(file.read_text()))
