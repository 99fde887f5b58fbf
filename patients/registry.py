"""Finds a patient by CPR number, and remembers the name that documents gave."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.transaction import TransactionManagementError

from patients.models import Patient

FIELDS = [field.attname for field in Patient._meta.concrete_fields]
# Raw, since every document asks, and Django takes longer to write this query than PostgreSQL to answer it.
FOUND = f"SELECT {', '.join(FIELDS)} FROM patients_patient WHERE cpr = %s"  # noqa: S608
LOCKED = f"{FOUND} FOR NO KEY UPDATE"


def patient_for(cpr: str, *, lock: bool = False) -> Patient:
    """The patient with this CPR number, made when new; `lock` holds the row until the transaction ends."""
    if lock and not connection.in_atomic_block:
        raise TransactionManagementError("A lock needs a transaction to be held by.")
    found = _found(cpr, lock)
    if found is None:
        # ON CONFLICT DO NOTHING: another worker may be making the same row in this moment.
        Patient.objects.bulk_create([Patient(cpr=cpr)], ignore_conflicts=True)
        found = _found(cpr, lock)
    assert found is not None
    return found


def patients_for(cprs: Iterable[str]) -> dict[str, UUID]:
    """The patients with these CPR numbers, made when new; one query when all are known. Holds no lock."""
    wanted = sorted(set(cprs))
    found = _ids(wanted)
    if unknown := [cpr for cpr in wanted if cpr not in found]:
        # In the order of the numbers, so that two who make the same ones never wait for each other.
        Patient.objects.bulk_create([Patient(cpr=cpr) for cpr in unknown], ignore_conflicts=True)
        found |= _ids(unknown)
    return found


def by_id(patient: UUID) -> Patient | None:
    """The patient of this pseudonym, when there is one."""
    return Patient.objects.filter(pk=patient).first()


def names(patients: Iterable[UUID]) -> dict[UUID, str]:
    """What documents call these patients; those without a name are left out."""
    wanted = list(patients)
    found = Patient.objects.filter(pk__in=wanted).exclude(name="") if wanted else Patient.objects.none()
    return dict(found.values_list("pk", "name"))


def _ids(cprs: list[str]) -> dict[str, UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cpr, id FROM patients_patient WHERE cpr = ANY(%s)", [cprs])
        return dict(cursor.fetchall())


def _found(cpr: str, lock: bool) -> Patient | None:
    with connection.cursor() as cursor:
        cursor.execute(LOCKED if lock else FOUND, [cpr])
        row = cursor.fetchone()
    return Patient.from_db(connection.alias, FIELDS, row) if row else None


def remember_name(patient: Patient, name: str, as_of: datetime) -> None:
    """Keep the name of the newest document; an older document never overwrites it.

    `patient` is as read: whoever may meet a withdrawal holds its lock, so a newer name it has is there still.
    """
    if name and (patient.name_as_of is None or patient.name_as_of < as_of):
        older = Q(name_as_of=None) | Q(name_as_of__lt=as_of)
        Patient.objects.filter(older, pk=patient.pk).update(name=name, name_as_of=as_of)
