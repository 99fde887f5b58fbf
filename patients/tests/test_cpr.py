"""CPR numbers: validity, century, sex, age and how they are written."""

from datetime import date

import pytest

from patients import cpr


@pytest.mark.parametrize("number", ["2512489996", "0101010000", "2902041234", "3112999999"])
def test_a_number_whose_day_and_month_fit_is_valid(number: str) -> None:
    assert cpr.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "251248999",
        "25124899961",
        "251248-9996",
        "3202489996",
        "3104489996",
        "3002009996",
        "251348999A",
        "٢٥١٢٤٨٩٩٩٦",
    ],
)
def test_other_numbers_are_not(number: str) -> None:
    assert not cpr.is_valid(number)


@pytest.mark.parametrize(
    ("said", "digits"),
    [("251248-9996", "2512489996"), (" 251248 9996 ", "2512489996"), ("251248", ""), ("999999-9999", "")],
)
def test_what_a_person_typed_is_cleaned(said: str, digits: str) -> None:
    assert cpr.cleaned(said) == digits


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("2512489996", date(1948, 12, 25)),
        ("0305004030", date(2000, 5, 3)),
        ("0101363999", date(1936, 1, 1)),
        ("0101364999", date(2036, 1, 1)),
        ("0101374999", date(1937, 1, 1)),
        ("0101575999", date(2057, 1, 1)),
        ("0101588999", date(1858, 1, 1)),
        ("2902011999", None),
    ],
)
def test_the_seventh_digit_tells_the_century(number: str, born: date | None) -> None:
    assert cpr.birth_date(number) == born


def test_age_turns_on_the_birthday_and_is_unknown_before_birth() -> None:
    assert cpr.age("2512489996", date(2026, 12, 24)) == 77
    assert cpr.age("2512489996", date(2026, 12, 25)) == 78
    assert cpr.age("0101364999", date(2026, 1, 1)) is None


def test_the_last_digit_tells_the_sex() -> None:
    assert cpr.sex("2512489996") == "kvinde"
    assert cpr.sex("2509479989") == "mand"


def test_a_masked_number_keeps_the_birth_date_only() -> None:
    assert cpr.masked("2512489996") == "251248-••••"
    assert cpr.written("2512489996") == "251248-9996"
