"""What a sweep looks after: work that the database knows of and the broker lost."""

from collections.abc import Callable
from functools import partial

from access.consent import overriding
from access.minlog import wire
from access.relation import following
from audit.minlog import delivery
from ekg import preview, renditions
from ekg.ingest import EKG
from eoj import pulling
from eoj.ingest import EOJ
from exports import making
from fhir.sweep import sweep_once
from reviews import snapshot
from sundhedsjournal.alarms import Watch
from sundhedsjournal.kinds import KINDS

SWEEPERS: tuple[Callable[[], int], ...] = (
    partial(sweep_once, KINDS, {EKG.name, ""}),
    partial(sweep_once, KINDS, {EOJ.name}),  # by itself: a national night delays no EKG
    preview.sweep_once,
    renditions.sweep_once,
    making.sweep_once,
    pulling.sweep_once,
    following.sweep_once,
    overriding.sweep_once,
    partial(delivery.sweep_once, wire.post),
    snapshot.sweep_once,
    Watch().sweep_once,
)
