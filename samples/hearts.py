"""The hearts of the samples: one table of beat shapes for each picture that a reader should recognise. Pure."""

from dataclasses import replace

from samples.rhythm import Rhythm, Shape, Wave


def _narrow(q: float, r: float, s: float, at: float = 0.0) -> tuple[Wave, ...]:
    return ((at - 0.024, 0.0085, q), (at, 0.0115, r), (at + 0.028, 0.0115, s))


HEALTHY = {
    "I": Shape(0.08, _narrow(-0.05, 0.84, -0.15), 0, 0.24),
    "II": Shape(0.14, _narrow(-0.07, 1.06, -0.17), 0, 0.33),
    "V1": Shape(0.06, _narrow(0, 0.24, -0.92, -0.013), 0, -0.08),
    "V2": Shape(0.06, _narrow(0, 0.42, -1.36, -0.012), 0.03, 0.46),
    "V3": Shape(0.06, _narrow(0, 0.78, -0.98, -0.008), 0.03, 0.50),
    "V4": Shape(0.07, _narrow(-0.03, 1.32, -0.56, -0.004), 0.01, 0.46),
    "V5": Shape(0.08, _narrow(-0.07, 1.38, -0.27), 0, 0.40),
    "V6": Shape(0.08, _narrow(-0.08, 1.06, -0.12), 0, 0.31),
}
AGED = {  # flatter T waves and a smaller voltage
    lead: Shape(
        s.p, tuple((c, w, h * 0.86) for c, w, h in s.qrs), s.st, s.t * (0.45 if lead in ("I", "V5", "V6") else 0.7)
    )
    for lead, s in HEALTHY.items()
}
CHILD = {  # tall R and inverted T to the right, as the right ventricle is still the strong one
    **HEALTHY,
    "I": Shape(0.07, _narrow(-0.06, 0.52, -0.28), 0, 0.24),
    "II": Shape(0.15, _narrow(-0.14, 1.22, -0.20), 0, 0.36),
    "V1": Shape(0.06, _narrow(0, 0.62, -0.78, -0.012), 0, -0.30),
    "V2": Shape(0.06, _narrow(0, 0.98, -1.30, -0.010), 0, -0.26),
    "V3": Shape(0.06, _narrow(0, 1.20, -1.05, -0.006), 0, 0.14),
    "V5": Shape(0.08, _narrow(-0.18, 1.58, -0.30), 0, 0.50),
    "V6": Shape(0.08, _narrow(-0.20, 1.24, -0.14), 0, 0.42),
}
INFERIOR = {  # ST up in II, III, aVF and down in I, aVL: the lower wall lacks blood
    **HEALTHY,
    "I": Shape(0.08, _narrow(-0.03, 0.62, -0.12), -0.10, 0.02),
    "II": Shape(0.13, _narrow(-0.12, 0.86, -0.05), 0.23, 0.42),
    "V1": Shape(0.06, _narrow(0, 0.24, -0.80, -0.013), -0.06, -0.02),
    "V2": Shape(0.06, _narrow(0, 0.52, -1.10, -0.012), -0.15, 0.22),
    "V3": Shape(0.06, _narrow(0, 0.80, -0.85, -0.008), -0.11, 0.24),
}


def _block(first: float, second: float) -> tuple[Wave, ...]:
    return ((-0.028, 0.020, first), (0.030, 0.021, second))


BUNDLE_BRANCH = {  # left bundle branch block: broad, notched R to the left, deep S to the right, T the other way
    "I": Shape(0.07, _block(0.62, 0.68), -0.06, -0.22),
    "II": Shape(0.12, _block(0.56, 0.30), -0.02, -0.06),
    "V1": Shape(0.05, ((-0.052, 0.010, 0.10), (0.004, 0.030, -1.22)), 0.13, 0.36),
    "V2": Shape(0.05, ((-0.052, 0.010, 0.14), (0.006, 0.031, -1.72)), 0.22, 0.58),
    "V3": Shape(0.06, ((-0.050, 0.011, 0.18), (0.006, 0.031, -1.48)), 0.18, 0.52),
    "V4": Shape(0.06, ((-0.040, 0.014, 0.36), (0.016, 0.027, -0.66)), 0.05, 0.24),
    "V5": Shape(0.07, _block(0.66, 0.62), -0.06, -0.20),
    "V6": Shape(0.07, _block(0.80, 0.86), -0.09, -0.30),
}

_OLDER = Rhythm(rate=72, shapes=AGED, pr=0.172, qrs=0.094, qtc=0.422)
_FIBRILLATION = Rhythm(rate=96, shapes=AGED, irregular=0.20, qtc=0.428)
HEARTS = {
    "normal": Rhythm(rate=68, shapes=HEALTHY),
    "older": _OLDER,
    "slow": replace(_OLDER, rate=46, pr=0.196, qtc=0.410),
    "extra_beats": replace(_OLDER, rate=70, ectopic=(3, 9)),
    "fibrillation": _FIBRILLATION,
    "fast_fibrillation": replace(_FIBRILLATION, rate=134, irregular=0.17),
    "left_block": Rhythm(rate=74, shapes=BUNDLE_BRANCH, pr=0.184, qrs=0.150, qtc=0.468),
    "infarction": Rhythm(rate=82, shapes=INFERIOR, qtc=0.430, noise=0.007),
    "young": Rhythm(rate=96, shapes=CHILD, pr=0.126, qrs=0.076, qtc=0.412, breathing=0.07),
}
