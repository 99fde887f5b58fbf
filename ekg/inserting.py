"""Writes new recordings; raw, since every document waits for it, and the ORM costs twice as much."""

from collections.abc import Iterable

from django.db import connection

from ekg.models import Recording

FIELDS = Recording._meta.concrete_fields
PLACES = {"preview_next_try": "CASE WHEN %s = 'pending' THEN now() END"}
"""Pages can be drawn at once, by the database's clock: the one that due times are compared with."""
INSERT = (
    f"INSERT INTO ekg_recording ({', '.join(str(field.column) for field in FIELDS)})"  # noqa: S608
    f" VALUES ({', '.join(PLACES.get(field.name, '%s') for field in FIELDS)})"
)
VALUES = ["preview" if field.name in PLACES else field.attname for field in FIELDS]
ADAPTED = {field.attname: field.get_db_prep_save for field in FIELDS if field.name == "findings"}
"""The one that PostgreSQL's driver needs in another form: JSON."""


def insert(recordings: Iterable[Recording]) -> None:
    """Store new recordings."""
    with connection.cursor() as cursor:
        for recording in recordings:
            said = {name: getattr(recording, name) for name in VALUES}
            said |= {name: adapted(said[name], connection) for name, adapted in ADAPTED.items()}
            cursor.execute(INSERT, [said[name] for name in VALUES])
            recording._state.adding = False
