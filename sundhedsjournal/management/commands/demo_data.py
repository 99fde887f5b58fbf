"""manage.py demo_data: identity providers, keys and the SOR extract of the samples; safe to run again."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from joserfc.jwk import ECKey

from access.doors import Door
from access.models import Block, Role
from access.registering import register_block, register_care, register_client, register_issuer, register_user
from audit.minlog import keys
from fhir.registering import register_sender
from samples.personas import BLOCKED, CITIZENS, CUSTODY, GUARDIANS, PATIENTS, USERS

SAMPLES = settings.BASE_DIR / "samples"
EPJ = f"http://localhost:{settings.EPJ_PORT}"
ACR = "https://data.gov.dk/concept/core/nsis/Substantial"
STAFF = (Role.CLINICIAN, Role.ASSISTANT, Role.MUNICIPAL, Role.LOG_CONTROLLER)
ADMINISTRATOR = "kun-til-demo"
"""The password of `admin`, who has no login anywhere else; this machine's loopback address alone knows of it."""
DEMO_ISSUER = "https://sender.demo.invalid"


class Command(BaseCommand):
    help = "Opretter loginudstedere, nøgler og organisationer til demoen."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_data makes test persons: it needs SJ_DEMO=1, and never runs beside real patients.")
        keys.begun()
        sender, epj = key("demo-sender"), key("epj")
        public = sender.as_dict(private=False)
        register_sender(DEMO_ISSUER, "demo-sender", "Demo-afsender", ["ekg", "eoj"], public, rate="60000/min")
        staff, citizens = f"{EPJ}/o", f"{EPJ}/borgerlogin"
        # Lægehuset Syd treats none of the patients: its launches are no evidence, so "Bekræft opslag" asks why.
        strangers, key_of_epj = [f"sor:{USERS['kvist'].sor}"], epj.as_dict(private=False)
        client = register_client("demo-epj", "Demo-EPJ", key_of_epj, user_issuer=staff, unvouched=strangers)
        level: dict[str, Any] = {"acr_values": [ACR], "algorithms": ["RS256"]}
        launches = level | {"launch_client": client, "fhir_base": f"{EPJ}/fhir"}
        register_issuer(staff, "Demo-EPJ", Door.STAFF, "sundhedsjournal", roles=STAFF, **launches)
        register_issuer(citizens, "Borgerlogin (simulator)", Door.CITIZEN, "sundhedsjournal-borger", **level)
        admin = USERS["admin"]
        register_user("demo-epj", admin.id, name=admin.name, is_admin=True, password=ADMINISTRATOR)
        for kind, held in (("custody", CUSTODY), ("guardian", GUARDIANS)):
            for holder, other in ((CITIZENS[who], PATIENTS[of]) for who, others in held.items() for of in others):
                register_care(kind, holder.cpr, other.cpr, source="Demo", since=date(2020, 1, 1), name=other.name)
        for name, (first, last) in BLOCKED.items():
            register_block(PATIENTS[name].cpr, Block.Kind.PERIOD, data_from=first, data_to=last)
        call_command("demo_log")  # before anything else is in the log
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
