"""Finding patients, and the name of the newest document."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from patients.models import Patient
from patients.registry import patient_for, remember_name

pytestmark = pytest.mark.django_db


def test_one_cpr_number_is_one_patient() -> None:
    assert patient_for("2512489996").pk == patient_for("2512489996", lock=True).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.create(cpr="2512489996")


def test_a_cpr_number_has_ten_digits() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.create(cpr="251248999A")


def test_an_older_document_does_not_overwrite_the_name_of_a_newer_one() -> None:
    patient = patient_for("2512489996")
    remember_name(patient, "Nancy Ann Berggren", datetime(2026, 5, 1, tzinfo=UTC))
    remember_name(patient, "Nancy Berggren", datetime(2024, 5, 1, tzinfo=UTC))
    remember_name(patient, "", datetime(2026, 6, 1, tzinfo=UTC))
    patient.refresh_from_db()
    assert patient.name == "Nancy Ann Berggren"
