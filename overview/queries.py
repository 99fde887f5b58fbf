"""What the overview asks of the rooms below: each source by itself, so that a dead one takes no other along."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

from access.gate import Grant, Unavailable
from access.matrix import Part
from ekg import queries as ekg
from eoj import queries as eoj

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a source said; None when it did not answer."""

    said: T | None


@dataclass(frozen=True)
class Hearts:
    """The folder of EKGs, and its newest recording as it is opened for reading."""

    folder: ekg.Folder
    newest: ekg.Recording | None


@dataclass(frozen=True)
class Found:
    """The answers; None for a part that this reader does not have."""

    ekg: Answer[Hearts] | None
    care: Answer[eoj.Care] | None

    @property
    def entity(self) -> str:
        """The recording that the page puts on the screen, as the audit names it; "" for none."""
        newest = self.ekg.said.newest if self.ekg and self.ekg.said else None
        return f"Recording/{newest.row.id}" if newest else ""

    @property
    def details(self) -> dict[str, str]:
        """For the audit: what the page tells of (ekg+kommune), and when the sheet bears another CPR number."""
        answers: dict[Part, Answer[Hearts] | Answer[eoj.Care] | None]
        answers = {Part.EKG: self.ekg, Part.MUNICIPAL: self.care}
        parts = "+".join(part for part, answer in answers.items() if answer and answer.said) or "none"
        newest = self.ekg.said.newest if self.ekg and self.ekg.said else None
        differs = {"printed_cpr": "differs"} if newest and newest.row.printed_cpr_differs else {}
        return {"parts": parts} | differs


def found(grant: Grant, today: date) -> Found:
    """Everything that this reader's overview tells of."""
    return Found(
        ekg=_asked(grant, Part.EKG, lambda: _hearts(grant)),
        care=_asked(grant, Part.MUNICIPAL, lambda: eoj.care(grant, today)),
    )


def _hearts(grant: Grant) -> Hearts:
    folder = ekg.folder(grant)
    return Hearts(folder, ekg.recording(grant, folder.rows[0].id) if folder.rows else None)


def _asked(grant: Grant, part: Part, ask: Callable[[], T]) -> Answer[T] | None:
    """The source's answer, where the reader has that part at all."""
    if part not in grant.parts:
        return None
    try:
        return Answer(ask())
    except (OperationalError, InterfaceError, Unavailable) as error:
        log.error("overview.source_down part=%s error=%s", part.value, type(error).__name__)
        return Answer(None)
