"""How far behind the seal is, as a page of figures shows it (I7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as current

from audit.sealing import sequencer, store
from audit.sealing.figures import Figures, alarms, figures
from audit.sealing.tests.conftest import Log


def test_figures_count_what_no_checkpoint_covers(sealing: Log) -> None:
    assert figures() == Figures(0, 0, None, 0, 0.0, None, {})
    sealing.write(3)
    found = figures(datetime.now(UTC) + timedelta(seconds=10))
    assert (found.size, found.waiting, found.published) == (0, 3, None)
    assert 10 <= found.lag < 70
    sealing.seal()
    found = figures()
    assert (found.size, found.signed, found.waiting, found.lag, found.published) == (3, 3, 0, 0.0, 3)
    sealing.write(2)
    with store.connect("sequencer") as connection:
        one = sequencer.Sequencer(connection)
        while one.size < 5:
            one.turn()
    found = figures()
    assert (found.size, found.signed, found.waiting) == (5, 3, 2), "a leaf without a checkpoint waits still"


def test_a_minute_without_a_checkpoint_is_an_alarm(sealing: Log) -> None:
    sealing.write(2)
    assert alarms() == []
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)):
        (alarm,) = alarms()
    assert "2 hændelser venter" in alarm
    sealing.seal()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        assert alarms() == [], "nothing waits, so nothing is late"


def test_copies_and_witnesses_that_stay_behind_are_alarms(sealing: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.write(1)
    sealing.seal()
    told: dict[str, Any] = {}
    monkeypatch.setattr(current, "AUDIT_WITNESSES", ["https://witness.example.dk"])
    assert alarms() == []
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert [alarm for alarm in alarms() if "Vidnet https://witness.example.dk" in alarm]
        sealing.folder.cosigned(1, "https://witness.example.dk", "x")
        assert figures().witnessed == {"https://witness.example.dk": 1}
        assert alarms() == []
        sealing.folder.place(1).unlink()
        told["published"] = alarms()
        assert told["published"] == ["Det seneste kontrolpunkt er ikke offentliggjort i AUDIT_PUBLISH."]
    sealing.folder.publish(9, "a checkpoint of a log that went on elsewhere")
    assert [alarm for alarm in alarms() if "ældre end det seneste offentliggjorte" in alarm]
