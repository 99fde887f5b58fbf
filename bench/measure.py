"""Paired rounds: floor and ours alternate in one run, so that a machine whose speed drifts still gives a true ratio."""

import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "docs" / "bench.tsv"
COLUMNS = "date\tcommit\tname\tunit\tfloor\tours\tratio_min\tratio\tratio_max\tgoal\n"


@dataclass(frozen=True)
class Result:
    """One line of bench.tsv: medians of floor and ours, and the ratio over the pairs."""

    name: str
    unit: str
    floor: float
    ours: float
    ratios: tuple[float, ...]
    goal: str

    def line(self) -> str:
        low, middle, high = min(self.ratios), statistics.median(self.ratios), max(self.ratios)
        when, commit = datetime.now(UTC).strftime("%Y-%m-%d"), _commit()
        figures = f"{self.floor:.4g}\t{self.ours:.4g}\t{low:.3g}\t{middle:.3g}\t{high:.3g}"
        return f"{when}\t{commit}\t{self.name}\t{self.unit}\t{figures}\t{self.goal}\n"


def cpu(call: Callable[[], object], calls: int) -> float:
    """CPU milliseconds of this process for one call; not counted is a first one, for which routes may be built anew."""
    call()
    began = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - began) * 1000 / calls


def paired(
    name: str, unit: str, ours: Callable[[], float], floor: Callable[[], float], goal: str, *, rounds: int = 9
) -> Result:
    """Measure both in turn, A B A B …, after one warm-up of each."""
    ours(), floor()
    pairs = [(floor(), ours()) for _ in range(rounds)]
    return Result(
        name,
        unit,
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        tuple(pair[1] / pair[0] for pair in pairs),
        goal,
    )


def percentile(values: list[float], percent: int) -> float:
    """The value that `percent` of all are at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def write(results: list[Result]) -> None:
    """Replace the lines of the benchmarks that ran; keep the others."""
    kept: list[str] = []
    names = {result.name for result in results}
    if TABLE.exists():
        kept = [line for line in TABLE.read_text().splitlines(keepends=True)[1:] if line.split("\t")[2] not in names]
    TABLE.write_text(COLUMNS + "".join(kept) + "".join(result.line() for result in results))


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=TABLE.parent)
    return done.stdout.strip() or "-"
