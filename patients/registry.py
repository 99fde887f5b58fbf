"""Finds a patient by CPR number, and remembers the name that documents gave."""

from datetime import datetime

from django.db.models import Q

from patients.models import Patient


def patient_for(cpr: str, *, lock: bool = False) -> Patient:
    """The patient with this CPR number, made when new; `lock` holds the row until the transaction ends."""
    patients = Patient.objects.select_for_update(no_key=True) if lock else Patient.objects
    found = patients.filter(cpr=cpr).first()
    if found is None:
        # ON CONFLICT DO NOTHING: another worker may be making the same row in this moment.
        Patient.objects.bulk_create([Patient(cpr=cpr)], ignore_conflicts=True)
        found = patients.get(cpr=cpr)
    return found


def remember_name(patient: Patient, name: str, as_of: datetime) -> None:
    """Keep the name of the newest document; an older document never overwrites it."""
    if name:
        older = Q(name_as_of=None) | Q(name_as_of__lt=as_of)
        Patient.objects.filter(older, pk=patient.pk).update(name=name, name_as_of=as_of)
