"""Synthetic heartbeats: the voltage of twelve leads over time. Pure, and drawn from no person's recording.

A beat is a sum of Gaussian waves in the leads I, II and V1–V6, times in seconds from the R peak, heights in millivolt.
III, aVR, aVL and aVF are computed from I and II (Einthoven, Goldberger), so that they always agree with each other,
also when the electrodes of the arms are swapped.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HERTZ = 500
CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", *CHEST)

Wave = tuple[float, float, float]
"""Centre (s), width (s), height (mV)."""


class Shape(NamedTuple):
    """One beat in one lead: height of P, the waves of QRS, level of ST, height of T."""

    p: float
    qrs: tuple[Wave, ...]
    st: float
    t: float


class Beat(NamedTuple):
    """When the R peak comes, and whether the beat starts in the ventricles."""

    at: float
    ectopic: bool


@dataclass(frozen=True)
class Rhythm:
    """What the heart does and how the electrodes sit; times in seconds, `rate` in beats a minute."""

    rate: int
    shapes: Mapping[str, Shape]
    pr: float = 0.160
    qrs: float = 0.090
    qtc: float = 0.405
    """QT as it would be at 60 beats a minute (Bazett)."""
    breathing: float = 0.025
    """How much breathing changes the distance between beats."""
    irregular: float = 0.0
    """Spread of the distance between beats when the atria fibrillate; there are then no P waves."""
    ectopic: tuple[int, ...] = ()
    """Which beats start in the ventricles, counted from 0."""
    arms_swapped: bool = False
    swapped: tuple[str, str] | None = None
    """Two chest leads whose electrodes have changed places."""
    noise: float = 0.004
    seed: int = 1

    @property
    def qt(self) -> float:
        return float(self.qtc * (60 / self.rate) ** 0.5)


def beats(rhythm: Rhythm, seconds: float) -> list[Beat]:
    """All beats that touch the first `seconds`, the first one shortly before the start."""
    chance, at, found = random.Random(rhythm.seed), -0.45, list[Beat]()
    while at < seconds + 1:
        ectopic = len(found) in rhythm.ectopic
        distance = 60 / rhythm.rate * (1 + rhythm.breathing * math.sin(1.45 * len(found) + rhythm.seed))
        if rhythm.irregular:
            distance = max(0.34, 60 / rhythm.rate * math.exp(rhythm.irregular * chance.gauss(0, 1)))
        early = -0.34 * distance if ectopic else 0.0
        found.append(Beat(at + early, ectopic))
        at += distance
    return found


def signals(rhythm: Rhythm, seconds: float) -> dict[str, list[float]]:
    """Twelve leads as the device sees them, each a list of millivolts at `HERTZ` samples a second."""
    heart = beats(rhythm, seconds)
    seen = {lead: _lead(rhythm, lead, index, heart, seconds) for index, lead in enumerate(("I", "II", *CHEST))}
    one, two = seen["I"], seen["II"]
    if rhythm.arms_swapped:  # right and left arm changed places: I turns over, II and III change places
        one, two = [-v for v in one], [b - a for a, b in zip(one, two, strict=True)]
    limbs = list(zip(one, two, strict=True))
    seen |= {
        "I": one,
        "II": two,
        "III": [b - a for a, b in limbs],
        "aVR": [-(a + b) / 2 for a, b in limbs],
        "aVL": [a - b / 2 for a, b in limbs],
        "aVF": [b - a / 2 for a, b in limbs],
    }
    if rhythm.swapped:
        a, b = rhythm.swapped
        seen[a], seen[b] = seen[b], seen[a]
    return {lead: seen[lead] for lead in LEADS}


def _lead(rhythm: Rhythm, lead: str, index: int, heart: Sequence[Beat], seconds: float) -> list[float]:
    count = int(seconds * HERTZ) + 1
    volts = _background(rhythm, lead, index, count)
    for number, beat in enumerate(heart):
        shape = _ventricular(rhythm.shapes[lead]) if beat.ectopic else rhythm.shapes[lead]
        strength = 1 + 0.03 * math.sin(1.45 * number + index / 3)
        for centre, left, right, height in _waves(rhythm, shape, lead, beat.ectopic):
            first = max(0, int((beat.at + centre - 4 * left) * HERTZ))
            for i in range(first, min(count, int((beat.at + centre + 4 * right) * HERTZ) + 1)):
                d = i / HERTZ - beat.at - centre
                volts[i] += strength * height * math.exp(-((d / (left if d < 0 else right)) ** 2) / 2)
        if shape.st:
            for i in range(max(0, int((beat.at - 0.1) * HERTZ)), min(count, int((beat.at + 0.6) * HERTZ))):
                d = i / HERTZ - beat.at
                edge = rhythm.qrs - 0.045
                volts[i] += shape.st * (_step((d - edge) / 0.008) - _step((d - rhythm.qt + 0.13) / 0.022))
    return volts


def _waves(rhythm: Rhythm, shape: Shape, lead: str, ectopic: bool) -> list[tuple[float, float, float, float]]:
    """Centre, width before and after it, height: of every wave of one beat."""
    waves = [(centre, width, width, height) for centre, width, height in shape.qrs]
    start = -0.042 if rhythm.qrs < 0.12 else -0.07
    end = start + rhythm.qt + (0.06 if ectopic else 0)
    waves.append((end - 0.088, 0.058, 0.036, shape.t))
    if not (rhythm.irregular or ectopic):
        top = start - rhythm.pr + 0.052
        waves.append((top, 0.018, 0.019, shape.p))
        waves.append((top + 0.034, 0.015, 0.018, shape.p * (-0.55 if lead == "V1" else 0.5)))
    return waves


def _ventricular(shape: Shape) -> Shape:
    """The broad beat that a lead shows when it starts in the ventricles: tall, bizarre, T the other way."""
    main = sum(height for _, _, height in shape.qrs)
    height = math.copysign(max(0.5, 1.25 * abs(main)), main)
    return Shape(0, ((-0.01, 0.034, height), (0.062, 0.022, -0.3 * height)), 0, -0.42 * height)


def _background(rhythm: Rhythm, lead: str, index: int, count: int) -> list[float]:
    """Breathing, muscle tremor and, when the atria fibrillate, their coarse waves (largest in V1)."""
    chance, tremor, out = random.Random(rhythm.seed * 100 + index), 0.0, list[float]()
    flutter = {"V1": 0.085, "V2": 0.05, "II": 0.05}.get(lead, 0.025) if rhythm.irregular else 0.0
    for i in range(count):
        t = i / HERTZ
        tremor += 0.25 * (chance.gauss(0, rhythm.noise) - tremor)
        drift = 0.022 * math.sin(2 * math.pi * 0.23 * t + index) + 0.012 * math.sin(2 * math.pi * 0.09 * t + 2 * index)
        waves = math.sin(2 * math.pi * 5.7 * t + 1.3 * math.sin(1.9 * t)) + 0.6 * math.sin(
            2 * math.pi * 7.3 * t + index
        )
        out.append(tremor + drift + flutter * waves * (0.8 + 0.3 * math.sin(1.1 * t)))
    return out


def _step(x: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, x))))
