"""What is read from the printing of a sheet, and what is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekg.printed import Line, Printed, agreed, differs, read

NANCY, JENS = "2512489996", "1105529951"


def said(*texts: str, top: float = 0.1) -> Printed:
    return read([Line(text, top) for text in texts])


def scale(*texts: str) -> tuple[Decimal | None, Decimal | None]:
    page = said(*texts)
    return agreed([page.speeds]), agreed([page.gains])


@pytest.mark.parametrize(
    ("text", "speed", "gain"),
    [
        ("25 mm/s 10 mm/mV", "25", "10"),
        ("25mm/s 10mm/mV 0,05-150Hz", "25", "10"),
        ("Hastighed:25,0 mm/s · Forstærkning: 10,0 mm/mV", "25", "10"),
        ("50 mm/sek. 20 mm/mV", "50", "20"),
        ("12,5 mm/sec 5 mm/mV", "12.5", "5"),
        ("Speed: 25 mm/sec  Limb: 10 mm/mV  Chest: 10.0 mm/mV", "25", "10"),
        ("Speed: 25 mm/sec  Limb: 10 mm/mV  Chest: 5 mm/mV", "25", None),
        ("25 mm/s 10/5 mm/mV", "25", None),
        ("25-50 mm/s 10 mm/mV", None, "10"),
        ("25\xa0mm/s\xa010\xa0mm/mV", "25", "10"),
        ("25 mm / s, 10 mm / mV", "25", "10"),
        ("25mm/s,10mm/mV", "25", "10"),
        ("(25 mm/s) [10 mm/mv]", "25", "10"),
        ("025 mm/s 10 MM/MV", "25", "10"),
        ("25 mm/s", "25", None),
        ("10 mm/mV", None, "10"),
        ("×1 mm/mV", None, None),
        ("0 mm/s 999 mm/mV", None, None),
        ("1.2.3 mm/s", None, None),
        ("25 mm/s² 10 mm/mV/2", None, None),
        ("25 mm/min, 10 mm/m", None, None),
        ("mm/s 25, mm/mV 10", None, None),
        ("V25 mm/s", None, None),
        ("25 m/s 10 mV", None, None),
        ("", None, None),
    ],
)
def test_a_scale_is_read_when_it_is_written_plainly(text: str, speed: str | None, gain: str | None) -> None:
    assert scale(text) == (speed and Decimal(speed), gain and Decimal(gain))


def test_a_number_and_its_unit_on_two_lines_are_no_scale() -> None:
    assert scale("25", "mm/s 10", "mm/mV") == (None, None)


def test_pages_that_say_different_things_say_nothing_and_those_that_are_silent_do_not_count() -> None:
    slow, fast, odd = said("25 mm/s 10 mm/mV"), said("50 mm/s 10 mm/mV"), said("25/50 mm/s")
    assert agreed([slow.speeds, fast.speeds]) is None
    assert agreed([slow.gains, fast.gains]) == 10
    assert agreed([slow.speeds, said("Side 2").speeds]) == 25
    assert agreed([slow.speeds, odd.speeds]) is None
    assert agreed([]) is None


@pytest.mark.parametrize(
    ("text", "top", "found"),
    [
        ("CPR 251248-9996", 0.1, [NANCY]),
        ("251248-9996", 0.1, [NANCY]),
        ("251248 - 9996", 0.1, [NANCY]),
        ("251248–9996", 0.1, [NANCY]),
        ("251248\u20119996", 0.1, [NANCY]),
        ("251248-9996", 0.9, []),
        ("CPR-nr.: 251248-9996", 0.9, [NANCY]),
        ("Cpr.nr. 2512489996", 0.1, [NANCY]),
        ("CPR: 251248 9996", 0.1, [NANCY]),
        ("Patient-ID: 2512489996", 0.1, [NANCY]),
        ("ID 2512489996", 0.5, [NANCY]),
        ("Personnummer 2512489996", 0.1, [NANCY]),
        ("2512489996", 0.1, []),
        ("Apparat 2512489996", 0.1, []),
        ("video 2512489996", 0.1, []),
        ("Apparat-ID: 2512489996", 0.1, []),
        ("Navn: Nancy, ID: 2512489996", 0.1, [NANCY]),
        ("CPR 259948-9996", 0.1, []),
        ("CPR 300248-9996", 0.1, []),
        ("12251248-9996", 0.1, []),
        ("251248-99961", 0.1, []),
        ("251248-9996-1", 0.1, []),
        ("1.251248-9996", 0.1, []),
        ("CPR 251248-9996 og 110552-9951", 0.1, [NANCY, JENS]),
        ("CPR", 0.1, []),
    ],
)
def test_a_cpr_number_is_read_at_the_head_of_a_page_or_where_it_is_called_one(
    text: str, top: float, found: list[str]
) -> None:
    assert said(text, top=top).cprs == frozenset(found)


def test_a_sheet_differs_when_a_page_bears_another_number_and_not_the_citizen_s() -> None:
    hers, his, both, none = said("251248-9996"), said("110552-9951"), said("251248-9996 110552-9951"), said("EKG")
    assert not differs([hers, none, both], NANCY)
    assert differs([hers, his], NANCY)
    assert not differs([none], NANCY)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=80), max_size=8), st.floats(0, 1))
def test_whatever_is_printed_what_is_read_is_sensible(texts: list[str], top: float) -> None:
    page = said(*texts, top=top)
    for value in (agreed([page.speeds]), agreed([page.gains])):
        assert value is None or 1 <= value <= 200
    assert all(len(number) == 10 and number.isdecimal() for number in page.cprs)


@given(
    st.decimals(5, 200, places=1), st.decimals(1, 80, places=1), st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\xa0"]), st.sampled_from(["s", "sek", "sec", "S"]),
    st.text(st.characters(categories=["Lu", "Ll", "Zs"]), max_size=20),
)  # fmt: skip
def test_a_scale_that_a_device_could_print_is_read_back(
    speed: Decimal, gain: Decimal, point: str, space: str, unit: str, around: str
) -> None:
    written = [str(value).replace(".", point) for value in (speed, gain)]
    line = f"{around} {written[0]}{space}mm/{unit} {written[1]}{space}mm/mV {around}"
    assert scale(line) == (speed, gain)
