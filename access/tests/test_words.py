"""What counts as written where somebody is asked for words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import words


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", 0),
        ("Ti tegn her", 11),
        ("  Ti \n\t tegn   her ", 11),
        ("på", 2),
        ("pa\u030a", 2),  # the same, written with a mark of its own
        ("\u200b\u200c\u200d\u2060\ufeff" * 4, 0),
        ("\u00ad" * 20, 0),
        ("\u0301" * 20, 0),
        ("\u202e\u2066\u2069" * 9, 0),
        ("\u3164\u2800\u115f" * 9, 0),
        ("\u00a0\u2003 " * 9, 0),
        ("\ufe0f\U000e0101" * 9, 0),
        ("a\u200bb", 2),
        ("\u200b a \u200b b", 3),
        ("救急 です", 5),
    ],
)
def test_what_a_reader_does_not_see_does_not_count(text: str, seen: int) -> None:
    assert words.length(text) == seen


@given(st.text())
def test_it_is_never_more_than_what_was_written(text: str) -> None:
    assert 0 <= words.length(text) <= len(text.strip())
