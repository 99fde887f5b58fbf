"""Draws 12-lead EKG sheets as SVG, one user unit = one millimetre of paper. Pure: text in, text out.

The grid is true: a small square is 1 mm, a large one 5 mm, so at 25 mm/s a large square is 0.2 s and at 10 mm/mV it is
0.5 mV. All words are real text, so that the PDF made of it can be searched and copied from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import NamedTuple

from samples.rhythm import HERTZ

LEFT, TOP = 11, 37
GAIN = 10  # mm for each millivolt
SYNTHETIC = "Syntetisk EKG – tegnet af et program. Ingen rigtig patient."


class Paper(NamedTuple):
    """A size of paper, of the grid on it, and where its four columns of words begin."""

    width: int
    height: int
    grid_width: int
    grid_height: int
    columns: tuple[int, int, int, int]


A4 = Paper(297, 210, 275, 160, (LEFT, 96, 178, 224))
A5 = Paper(210, 148, 185, 95, (LEFT, 66, 114, 147))


class Segment(NamedTuple):
    """A stretch of one lead: which, from which second, for how many."""

    lead: str
    start: float
    seconds: float


Layout = Sequence[Sequence[Segment]]
"""The rows of a sheet from the top."""

THREE_BY_FOUR: Layout = (
    *(
        [Segment(lead, 2.5 * column, 2.5) for column, lead in enumerate(row)]
        for row in (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
    ),
    [Segment("II", 0, 10)],
)


def six_by_two(seconds: float) -> Layout:
    """Limb leads to the left, chest leads to the right, `seconds` of each."""
    pairs = (("I", "V1"), ("II", "V2"), ("III", "V3"), ("aVR", "V4"), ("aVL", "V5"), ("aVF", "V6"))
    return [[Segment(limb, 0, seconds), Segment(chest, seconds, seconds)] for limb, chest in pairs]


def strips(lead: str, count: int, start: float = 0) -> Layout:
    """One lead running on over `count` rows of ten seconds."""
    return [[Segment(lead, start + 10 * row, 10)] for row in range(count)]


@dataclass(frozen=True)
class Print:
    """The words on a sheet, column by column; the first line of a column is bold."""

    person: Sequence[str]
    recording: Sequence[str]
    measured: Sequence[str]
    statement: Sequence[str]
    speed: int = 25
    filters: str = "0,05–150 Hz"
    page: str = "Side 1 af 1"


STYLE = (
    ".f{fill:none;stroke:#f3c6c0;stroke-width:.1}.g{fill:none;stroke:#e39c94;stroke-width:.19}"
    ".k{fill:none;stroke:#14141a;stroke-width:.33;stroke-linejoin:round;stroke-linecap:round}"
    "text{font-family:'EKG Ark';fill:#14141a}.n{font-size:4.4px;font-weight:bold}.b{font-size:3.2px;font-weight:bold}"
    ".t{font-size:2.9px}.l{font-size:3.2px;font-weight:bold}.s{font-size:2.5px;fill:#5b5654}"
)


def sheet(words: Print, leads: Mapping[str, Sequence[float]], layout: Layout, paper: Paper = A4) -> str:
    """One page as SVG; `leads` holds millivolts at `HERTZ` samples a second, long enough for the layout."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {paper.width} {paper.height}"><style>{STYLE}</style>'
    ]
    parts.append(f'<rect width="{paper.width}" height="{paper.height}" fill="#fff"/>')
    parts += [_grid(paper, 1, "f"), _grid(paper, 5, "g")]
    for x, lines in zip(paper.columns, (words.person, words.recording, words.measured, words.statement), strict=True):
        head = "n" if x == LEFT else "b"
        parts += [_text(x, 13.5 + 5.2 * i, "t" if i else head, line) for i, line in enumerate(lines)]
    gap = paper.grid_height / len(layout)
    for number, row in enumerate(layout):
        parts += _row(row, TOP + round(gap * (number + 0.56)), leads, words.speed, gap)
    foot = paper.height - 6.8
    parts.append(_text(LEFT, foot, "t", f"{words.speed} mm/s   {GAIN} mm/mV   {words.filters}"))
    parts.append(_text(paper.width / 2, foot, "t", words.page, "middle"))
    parts.append(_text(LEFT + paper.grid_width, foot, "s", SYNTHETIC, "end"))
    return "".join([*parts, "</svg>"])


def document(pages: Sequence[str], fonts: str = "", paper: Paper = A4) -> str:
    """The pages as one HTML document; `fonts` is the address of the folder of the font files."""
    faces = "".join(
        f"@font-face{{font-family:'EKG Ark';font-weight:{weight};src:url('{fonts}EKGArk-{style}.ttf')}}"
        for weight, style in (("normal", "Regular"), ("bold", "Bold"))
    )
    return (
        '<!DOCTYPE html><html lang="da"><head><meta charset="utf-8"><title>Elektrokardiogram, 12 afledninger</title>'
        f"<style>{faces}@page{{size:{paper.width}mm {paper.height}mm;margin:0}}body{{margin:0;font-family:'EKG Ark'}}"
        f".ark{{width:{paper.width}mm;height:{paper.height}mm;display:block;break-inside:avoid}}</style></head><body>"
        + "".join(page.replace("<svg ", '<svg class="ark" ', 1) for page in pages)
        + "</body></html>"
    )


def _grid(paper: Paper, step: int, style: str) -> str:
    """All lines of one kind as one path; the thin ones leave out where a thick one runs."""
    width, height = paper.grid_width, paper.grid_height
    every = [i for i in range(max(width, height) + 1) if (i % 5 == 0) == (step == 5)]
    lines = "".join(f"M{LEFT + i} {TOP}v{height}" for i in every if i <= width)
    lines += "".join(f"M{LEFT} {TOP + i}h{width}" for i in every if i <= height)
    return f'<path class="{style}" d="{lines}"/>'


def _row(row: Sequence[Segment], y: int, leads: Mapping[str, Sequence[float]], speed: int, gap: float) -> list[str]:
    pulse = speed // 5  # the calibration pulse: 1 mV for 0.2 s
    x = LEFT + 3.0
    parts = [f'<path class="k" d="M{x} {y}h2v-{GAIN}h{pulse}v{GAIN}h2"/>']
    x += pulse + 5
    for number, segment in enumerate(row):
        first, last = round(segment.start * HERTZ), round((segment.start + segment.seconds) * HERTZ)
        millivolts = leads[segment.lead][first : last - HERTZ // 50]  # a gap of 20 ms, so that two leads never touch
        points = [(x + i / HERTZ * speed, y - GAIN * v) for i, v in enumerate(millivolts)]
        parts.append(f'<path class="k" d="{path(points)}"/>')
        if number:
            parts.append(f'<path class="k" d="M{x - 0.2:.1f} {y - 6}v4m0 4v4"/>')
        parts.append(_text(round(x + 1.2, 1), round(y - min(15.2, gap * 0.36), 1), "l", segment.lead))
        x += segment.seconds * speed
    return parts


def _text(x: float, y: float, style: str, words: str, anchor: str = "start") -> str:
    where = f'x="{x}" y="{y:.1f}" class="{style}"' + (f' text-anchor="{anchor}"' if anchor != "start" else "")
    return f'<text xml:space="preserve" {where}>{escape(words)}</text>'


Point = tuple[float, float]


def path(points: Sequence[Point], tolerance: float = 0.025) -> str:
    """SVG path data to 0.01 mm, without the points that lie within `tolerance` mm of the line drawn."""
    kept = [(round(x * 100), round(y * 100)) for x, y in _simplified(points, tolerance)]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept)]
    start = f"M{kept[0][0] / 100:g} {kept[0][1] / 100:g}l"
    return start + " ".join(f"{dx / 100:g} {dy / 100:g}" for dx, dy in steps)


def _simplified(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Ramer–Douglas–Peucker without recursion."""
    keep, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        dx, dy = x1 - x0, y1 - y0
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        far, worst = 0.0, 0
        for i in range(first + 1, last):
            off = abs((points[i][0] - x0) * dy - (points[i][1] - y0) * dx) / length
            if off > far:
                far, worst = off, i
        if far > tolerance:
            keep.add(worst)
            waiting += [(first, worst), (worst, last)]
    return [points[i] for i in sorted(keep)]
