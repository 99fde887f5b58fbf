"""`manage.py migrate`: as the owner, with the app role's rights and the log's months after it."""

from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from audit import partitions
from audit.actions import Action
from audit.record import SYSTEM, record
from audit.tests.conftest import Scratch

RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]


def rights(scratch: Scratch, table: str, role: str = "sj_app") -> set[str]:
    with scratch.raw("owner") as owner:
        held = owner.execute(
            "SELECT right_, has_table_privilege(%s, %s, right_) FROM unnest(%s::text[]) right_", (role, table, RIGHTS)
        ).fetchall()
    return {right for right, has in held if has}


def migrate(*arguments: str, **options: Any) -> tuple[str, str]:
    said, warned = StringIO(), StringIO()
    call_command("migrate", *arguments, stdout=said, stderr=warned, **options)
    return said.getvalue(), warned.getvalue()


def given(scratch: Scratch, role: str = "sj_app") -> tuple[int, bool]:
    """Into how many columns of the log the role may write, and whether its transaction is one of them."""
    asked = "count(*) FILTER (WHERE can), bool_or(can) FILTER (WHERE attname = 'txid') FROM (SELECT attname,"
    asked += " has_column_privilege(%s, attrelid, attnum, 'INSERT') can FROM pg_attribute"
    with scratch.raw("owner") as owner:
        found = owner.execute(
            f"SELECT {asked} WHERE attrelid = 'audit_event'::regclass AND attnum > 0) each", (role,)
        ).fetchone()
    assert found is not None
    return found[0], found[1]


def tables(scratch: Scratch) -> set[str]:
    with scratch.raw("owner") as owner:
        return {
            name for (name,) in owner.execute("SELECT relname FROM pg_class WHERE relname LIKE 'audit%'").fetchall()
        }


def test_it_runs_as_the_owner_and_gives_the_app_its_rights(empty_database: Scratch) -> None:
    with empty_database.entered():
        migrate("audit")
        migrate("contenttypes")
    assert rights(empty_database, "audit_event") == {"SELECT"}
    assert given(empty_database) == (23, False), "all but the transaction"
    assert rights(empty_database, "audit_event_default") == {"SELECT"}
    assert rights(empty_database, "minlog_outbox") == {"SELECT", "INSERT", "UPDATE"}
    assert rights(empty_database, "django_migrations") == {"SELECT"}
    assert rights(empty_database, "django_content_type") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_rights_given_by_hand_are_taken_back(empty_log: Scratch) -> None:
    with empty_log.raw("owner") as owner:
        owner.execute("GRANT ALL ON audit_event, audit_event_default, django_migrations TO sj_app")
    migrate("audit")
    assert rights(empty_log, "audit_event") == {"SELECT"}
    assert given(empty_log) == (23, False)
    record(Action.SOR_IMPORTED, actor=SYSTEM)
    with empty_log.raw() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("INSERT INTO audit_event SELECT * FROM audit_event")
    with empty_log.raw() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("INSERT INTO audit_event (id, txid) VALUES (gen_random_uuid(), 1)")
    assert rights(empty_log, "audit_event_default") == {"SELECT"}


def test_it_goes_forwards_back_and_forwards_again(empty_database: Scratch) -> None:
    with empty_database.entered():
        migrate("audit")
        assert "audit_event_default" in tables(empty_database)
        migrate("audit", "zero")
        assert tables(empty_database) == set()
        migrate("audit")
        record(Action.SOR_IMPORTED, actor=SYSTEM)
        assert len(partitions.partitions(connections["owner"])) == partitions.MONTHS_AHEAD + 1


def test_it_does_not_go_back_over_events(empty_log: Scratch) -> None:
    record(Action.SOR_IMPORTED, actor=SYSTEM)
    with pytest.raises(DatabaseError, match="holds events"):
        migrate("audit", "zero")
    with empty_log.raw() as app:
        assert app.execute("SELECT count(*) FROM audit_event").fetchone() == (1,)


def test_it_does_not_go_back_over_what_is_owed_to_minlog(empty_log: Scratch) -> None:
    with empty_log.raw("owner") as owner:
        owner.execute(
            "INSERT INTO minlog_outbox (event_id, recorded, source, state, since, next_try)"
            " VALUES (gen_random_uuid(), now(), 'ekg', 'suppressed', now(), now())"
        )
    with pytest.raises(DatabaseError, match="minlog_outbox holds rows"):
        migrate("audit", "0003")
    with empty_log.raw() as app:
        assert app.execute("SELECT count(*) FROM minlog_outbox").fetchone() == (1,)


def test_looking_at_the_plan_changes_nothing(empty_database: Scratch) -> None:
    with empty_database.entered():
        said, _ = migrate("audit", plan=True)
    assert "audit.0001_initial" in said
    assert tables(empty_database) == set()


def test_without_an_owner_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.management.commands.migrate.connections", {"default": connections["default"]})
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        migrate()


def test_an_unknown_app_role_is_named(empty_database: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "USER", "nobody_here")
    with empty_database.entered(), pytest.raises(CommandError, match="nobody_here"):
        migrate("audit")


def test_a_sequencer_that_is_not_there_is_a_warning_and_a_wrong_name_in_its_address_an_error(
    empty_database: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.grants.SEQUENCER", "nobody_here")
    addresses = {alias: told for alias, told in settings.DATABASES.items() if alias != "sequencer"}
    monkeypatch.setattr(settings, "DATABASES", addresses)
    with empty_database.entered():
        _, warned = migrate("audit")
        assert "nobody_here findes ikke, så hændelsesloggen bliver ikke forseglet" in warned
        monkeypatch.setattr(settings, "DATABASES", addresses | {"sequencer": {"USER": "somebody_else"}})
        with pytest.raises(CommandError, match="somebody_else i DATABASE_SEQUENCER_URL"):
            migrate("audit")


def test_it_does_not_go_back_over_a_sealed_tree(empty_log: Scratch) -> None:
    with empty_log.raw("sequencer") as sequencer:
        sequencer.execute("INSERT INTO audit_leaf VALUES (0, gen_random_uuid(), now(), sha256('x'))")
    with pytest.raises(DatabaseError, match="the log is sealed"):
        migrate("audit", "0001")


def test_an_app_that_owns_the_tables_is_warned_and_still_cannot_change_the_log(
    empty_database: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = settings.DATABASES["owner"]["USER"]
    monkeypatch.setitem(settings.DATABASES["default"], "USER", owner)
    with empty_database.entered():
        _, warned = migrate("audit")
    assert "Advarsel" in warned
    with empty_database.raw("owner") as connection, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        connection.execute("TRUNCATE audit_event")
