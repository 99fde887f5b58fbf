"""The law policy that the product begins with: policy, not fact, for each operator to change."""

from datetime import date
from typing import Any

from django.db import migrations

CITIZEN = "Borgerens egen adgang til oplysninger om sig selv."
TREATMENT = "Sundhedsloven § 42 a: opslag, når det er nødvendigt i forbindelse med aktuel behandling."
NO_BASIS = "Der er ikke dokumenteret hjemmel til at vise oplysningerne for sundhedspersoner; vises derfor ikke."
OWN = "Kommunen er dataansvarlig for sine egne oplysninger."
ADMINISTRATIVE = "Administrative ydelser uden betydning for behandlingen."
ROWS = [
    ("sundhedslov", "citizen", "all", CITIZEN),
    ("funktionsevne", "citizen", "all", CITIZEN),
    ("servicelov", "citizen", "all", CITIZEN),
    ("aeldrelov", "citizen", "all", CITIZEN),
    ("0-ydelser", "citizen", "all", CITIZEN),
    ("sundhedslov", "clinician", "all", TREATMENT),
    ("funktionsevne", "clinician", "none", NO_BASIS),
    ("servicelov", "clinician", "none", NO_BASIS),
    ("aeldrelov", "clinician", "none", NO_BASIS),
    ("0-ydelser", "clinician", "none", ADMINISTRATIVE),
    ("sundhedslov", "municipal", "own", OWN),
    ("funktionsevne", "municipal", "own", OWN),
    ("servicelov", "municipal", "own", OWN),
    ("aeldrelov", "municipal", "own", OWN),
    ("0-ydelser", "municipal", "own", OWN),
]


def begin(apps: Any, schema_editor: Any) -> None:
    policy = apps.get_model("eoj", "LawPolicy")
    rows = [
        policy(area=area, audience=audience, leave=leave, basis=basis, valid_from=date(2026, 1, 1))
        for area, audience, leave, basis in ROWS
    ]
    policy.objects.using(schema_editor.connection.alias).bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("eoj", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
