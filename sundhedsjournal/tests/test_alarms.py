"""The sweep says what is wrong with the log, whoever else has stopped."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from audit.actions import Action
from audit.record import SYSTEM, record
from sundhedsjournal import alarms
from sundhedsjournal.alarms import Watch
from sundhedsjournal.sweepers import SWEEPERS

pytestmark = pytest.mark.django_db
SAID = "Hændelsesloggen er ikke forseglet"


def test_a_log_that_nobody_seals_is_said_to_be_unsealed_after_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    record(Action.SOR_IMPORTED, actor=SYSTEM)
    Watch(every=0).sweep_once()
    assert SAID not in caplog.text, "it has a minute"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=False):
        Watch(every=0).sweep_once()
        assert [one.levelname for one in caplog.records if SAID in one.message] == ["ERROR"]
        Watch().sweep_once()
        assert caplog.text.count(SAID) == 1, "not at every turn of the sweep"
    assert any(getattr(each, "__self__", None).__class__ is alarms.Watch for each in SWEEPERS)
