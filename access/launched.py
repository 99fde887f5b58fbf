"""What stands of a launch when its browser comes back: itself, its system, and whether its issuer is still believed.

One raw query, as in access.lookup: every opening of a record waits for it, and Django's ORM takes ten times its CPU to
make the same of three.
"""

from typing import NamedTuple

import orjson
from django.db import connection

from access.doors import Door
from access.models import Launch, LaunchClient

LAUNCH = tuple(field.attname for field in Launch._meta.concrete_fields)
NEEDED = {"id", "name", "active", "asks_purpose", "shared_workstation", "unvouched"}
CLIENT = tuple(field.attname for field in LaunchClient._meta.concrete_fields if field.attname in NEEDED)
"""In the order of the models: `from_db` counts on it."""
SQL = f"""
SELECT {", ".join(f"l.{name}" for name in LAUNCH)}, {", ".join(f"c.{name}" for name in CLIENT)},
  EXISTS (SELECT FROM access_issuer i WHERE i.issuer = l.user_issuer AND i.door = %(door)s AND i.active)
FROM access_launch l JOIN access_launchclient c ON c.id = l.client_id WHERE l.id = %(launch)s
"""  # noqa: S608 the names are the constants above


class Launched(NamedTuple):
    """A launch as it stands in this moment, with its system at hand."""

    launch: Launch
    believed: bool
    """Whether staff may still sign in at the issuer that its user comes from."""


def launched(launch_id: str) -> Launched | None:
    """The launch of this id, whoever's it is."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"launch": launch_id, "door": Door.STAFF})
        row = cursor.fetchone()
    if row is None:
        return None
    launch = Launch.from_db(connection.alias, LAUNCH, row[: len(LAUNCH)])
    system = dict(zip(CLIENT, row[len(LAUNCH) : -1], strict=True))
    system["unvouched"] = orjson.loads(system["unvouched"])  # `from_db` takes values as the ORM has converted them
    launch.client = LaunchClient.from_db(connection.alias, CLIENT, tuple(system.values()))
    return Launched(launch, row[-1])
