"""How a page of an EKG lies on its sheet of A4, in millimetres. Pure.

At 100 % wherever that is possible: 25 mm on the paper are a second of the curve. The running line takes a strip at one
edge. A page as large as A4 leaves no strip free; its own margin is used where that is blank, which the picture tells
(static/js/print.js), and the page is made smaller where it is not.
"""

from dataclasses import dataclass

A4 = (210.0, 297.0)
STRIP = 10.0
"""What the running line needs, with the edge that printers leave white."""
SLACK = 1.0
"""A page that is so much larger than A4 is A4: sources round to points and to dots."""
PX = 96 / 25.4


@dataclass(frozen=True)
class Fit:
    """One page on one sheet."""

    lying: bool
    percent: int
    """What it is shown at when nothing may lie on its margins: 100, or less, rounded down."""
    width: float
    height: float
    """At that size, in the pixels of style sheets: 96 to the inch."""
    whole: tuple[float, float] | None
    """Its full size, if the sheet holds that once the running line lies on a margin of the page that is blank."""

    @property
    def shape(self) -> str:
        return "lying" if self.lying else "standing"


def fit(width: float, height: float) -> Fit:
    """A page of so many millimetres on the sheet, turned so that most of it fits."""
    lying, upright = _percent(width, height, A4[::-1]), _percent(width, height, A4)
    is_lying = lying > upright or (lying == upright and width > height)
    sheet = A4[::-1] if is_lying else A4
    percent = lying if is_lying else upright
    is_a4 = percent < 100 and width <= sheet[0] + SLACK and height <= sheet[1] + SLACK
    whole = (_px(width), _px(height)) if is_a4 else None
    return Fit(is_lying, percent, _px(width * percent / 100), _px(height * percent / 100), whole)


def _percent(width: float, height: float, sheet: tuple[float, float]) -> int:
    across = 1.0 if width <= sheet[0] + SLACK else sheet[0] / width
    return int(100 * min(1.0, across, (sheet[1] - STRIP) / height))


def _px(mm: float) -> float:
    return round(mm * PX, 2)
