"""What a decision hides, and that it hides what it cannot place."""

from datetime import date

import pytest

from access.consent import DENY, PERMIT, Decision, Kind, Span

HERE, THERE = "999000000000110", "999000000000210"
SUMMER = Span(date(2025, 6, 1), date(2025, 8, 31))
AT = Decision(Kind.PARTIAL, organisations=frozenset({HERE}))
BELOW = Decision(Kind.PARTIAL, organisations=frozenset({HERE}), with_sub_units=True)
THEN = Decision(Kind.PARTIAL, periods=(SUMMER,))
SINCE = Decision(Kind.PARTIAL, periods=(Span(date(2025, 6, 1), None),))


@pytest.mark.parametrize(
    ("decision", "sor", "when", "hidden"),
    [
        (PERMIT, HERE, date(2025, 7, 1), False),
        (PERMIT, "", None, False),
        (DENY, THERE, date(1990, 1, 1), True),
        (DENY, "", None, True),
        (AT, HERE, date(1990, 1, 1), True),
        (AT, THERE, date(2025, 7, 1), False),
        (AT, THERE, None, False),
        (AT, "", date(2025, 7, 1), True),
        (THEN, THERE, date(2025, 5, 31), False),
        (THEN, THERE, date(2025, 6, 1), True),
        (THEN, THERE, date(2025, 8, 31), True),
        (THEN, THERE, date(2025, 9, 1), False),
        (THEN, THERE, None, True),
        (THEN, "", date(2025, 9, 1), False),
        (SINCE, THERE, date(2099, 1, 1), True),
        (SINCE, THERE, date(2025, 5, 31), False),
    ],
)
def test_what_is_hidden(decision: Decision, sor: str, when: date | None, hidden: bool) -> None:
    assert decision.hides(sor, when) is hidden


def test_a_unit_that_the_register_does_not_know_may_be_one_below() -> None:
    assert BELOW.hides(THERE, None, known=False)
    assert not BELOW.hides(THERE, None)
    assert not AT.hides(THERE, None, known=False)


@pytest.mark.parametrize(
    ("first", "last", "hidden"),
    [
        (date(2025, 1, 1), date(2025, 5, 31), False),
        (date(2025, 1, 1), date(2025, 6, 1), True),
        (date(2025, 1, 1), None, True),
        (date(2025, 8, 31), date(2030, 1, 1), True),
        (date(2025, 9, 1), None, False),
        (None, date(2025, 1, 1), True),
    ],
)
def test_what_lasts_is_hidden_by_any_day_in_common(first: date | None, last: date | None, hidden: bool) -> None:
    assert THEN.hides_course(THERE, Span(first, last)) is hidden


@pytest.mark.parametrize("decision", [PERMIT, AT, THEN, DENY])
def test_an_override_hides_nothing_and_says_that_something_is_blocked(decision: Decision) -> None:
    lifted = decision.lifted()
    assert not lifted.hides(HERE, date(2025, 7, 1))
    assert not lifted.hides("", None)
    assert lifted.notice
    assert not lifted.hides_something
