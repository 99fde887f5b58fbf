"""manage.py demo_log: what was looked up at the demo's hospital in the last two weeks, so that a week can be drawn.

A log is never written afterwards; this is a demo's, before anybody has used it, and of people who have no record in it.
"""

import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from access.contexts import new_id
from access.models import LaunchClient, OrganisationSystem, PatientContext, User
from access.registering import register_user
from audit import lookups, partitions
from audit.actions import FACTS, Action
from audit.event import Actor, Event
from audit.record import INSERT, row
from patients.models import Patient
from patients.registry import patient_for
from reviews import weeks
from samples.personas import USERS

WEEKS = 2
PEOPLE = {
    "0102409926": "Aksel Bruun", "1503529938": "Birgit Dalsgaard", "2211619931": "Carl Emil Frost",
    "0907779924": "Dorthe Gram", "3008839945": "Erik Højbjerg", "1712929966": "Fatma Iversen",
}  # fmt: skip
"""Test numbers, of people who are in no document of the samples."""
READ = (Action.OVERVIEW_VIEWED, Action.EKG_FOLDER_VIEWED, Action.EKG_RECORDING_VIEWED)


class Visit(NamedTuple):
    """One look-up of a week: when, by whom, of the how manieth person, and what was seen."""

    day: int
    hour: int
    minute: int
    user: str
    person: int
    seen: tuple[Action, ...]
    relation: str = "B"
    ground: str = ""
    override: str = ""


PLAN = (
    Visit(0, 7, 52, "juhl", 0, READ),
    Visit(0, 8, 15, "krogh", 1, (Action.EKG_FOLDER_VIEWED, Action.EOJ_VIEWED), "A"),
    Visit(1, 10, 4, "juhl", 2, (*READ, Action.EOJ_VIEWED), "B+"),
    Visit(1, 22, 47, "krogh", 3, (Action.EKG_FOLDER_VIEWED,), "E", "other"),
    Visit(2, 9, 30, "juhl", 1, READ),
    Visit(3, 2, 12, "krogh", 4, (Action.OVERVIEW_VIEWED, Action.EKG_FOLDER_VIEWED), "B", "", "patient-unreachable"),
    Visit(3, 13, 20, "juhl", 5, (Action.EKG_FOLDER_VIEWED, Action.CPR_REVEALED), "C", "treatment"),
    Visit(4, 11, 41, "krogh", 1, (Action.EOJ_VIEWED,)),
    Visit(5, 19, 5, "krogh", 3, (Action.OVERVIEW_VIEWED,), "D", "other"),
    Visit(6, 23, 40, "juhl", 0, READ, "B+"),
)


class Command(BaseCommand):
    help = "Skriver to ugers opslag på demoens hospital i loggen, én gang."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_log invents look-ups: it needs SJ_DEMO=1, and never runs beside real patients.")
        today = timezone.localdate()
        monday = today - timedelta(days=today.weekday() + 7 * WEEKS)
        began = lookups.begins()
        if began and began < weeks.begins(monday):
            return
        begins = weeks.begins(monday) - timedelta(hours=1)
        if "owner" in connections:
            partitions.make_ahead(connections["owner"], begins, 1)
        with transaction.atomic():
            write(begins, Action.SOR_IMPORTED, Actor("system", subject="sundhedsjournal"))
            for week in range(WEEKS):
                for visit in PLAN:
                    made(visit, monday + timedelta(days=7 * week))


def made(visit: Visit, monday: Any) -> None:
    """A look-up that was launched, and went by unanswered; a minute for each page."""
    person = USERS[visit.user]
    issuer = f"http://localhost:{settings.EPJ_PORT}/o"
    user = User.objects.filter(issuer=issuer, subject=person.id).first() or register_user(
        issuer, person.id, title=person.title, name=person.name
    )
    at = weeks.begins(monday + timedelta(days=visit.day)) + timedelta(hours=visit.hour, minutes=visit.minute)
    number, name = list(PEOPLE.items())[visit.person]
    patient = patient_for(number)
    Patient.objects.filter(pk=patient.pk, name="").update(name=name, name_as_of=at)
    context = kept(visit, user, patient, name, at, person.sor, person.organisation)
    actor = Actor("user", user.issuer, user.subject, user.pk, user.role, person.sor)
    about: dict[str, Any] = {"patient": patient.pk, "context": context.pk, "correlation": context.correlation_id}
    opened = {"relation": visit.relation, "evidence": "launch"} | ({"ground": visit.ground} if visit.ground else {})
    write(at, Action.LAUNCH_OPENED, actor, purpose="TREAT", extra=opened, **about)
    override = {"override": str(uuid.uuid4())} if visit.override else {}
    if override:
        entity = f"Override/{override['override']}"
        said = {"ground": visit.override}
        write(at, Action.OVERRIDE_STARTED, actor, purpose="BTG", entity=entity, extra=said, **about)
    for minute, action in enumerate(visit.seen, 1):
        seen = f"Recording/{uuid.uuid4()}" if action == Action.EKG_RECORDING_VIEWED else ""
        when, purpose = at + timedelta(minutes=minute), "BTG" if override else "TREAT"
        write(when, action, actor, purpose=purpose, entity=seen, extra=override, **about)


def kept(
    visit: Visit, user: User, patient: Patient, name: str, at: datetime, sor: str, unit: str
) -> PatientContext:  # fmt: skip
    """The context of it, as long closed."""
    end = at + timedelta(hours=1)
    return PatientContext.objects.create(
        id=new_id(), session_key_hash=sha256(new_id().encode()).hexdigest(), user=user, audience=user.role,
        organisation_system=OrganisationSystem.SOR, organisation_id=sor, organisation_name=unit, patient=patient,
        patient_name=name, client=LaunchClient.objects.get(client_id="demo-epj"), source="Demo-EPJ",
        correlation_id=str(uuid.uuid4()), relation=visit.relation, ground=visit.ground, opened=at, last_seen=at,
        expires=end, closed_at=end, closed_reason=PatientContext.Closed.SESSION_ENDED,
    )  # fmt: skip


def write(at: datetime, action: Action, actor: Actor, **said: Any) -> None:
    """One line of the log, as of then."""
    key = uuid7(int(at.timestamp()), at.microsecond * 1000)
    values: Any = row(Event(key, at, action.value, FACTS[action], actor, **said))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
