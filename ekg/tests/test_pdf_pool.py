"""The processes that read PDF files: limits, crashes, crowds, and the end of the process they serve."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ekg import pdf
from ekg.pdf_frames import INSPECT, RENDER
from ekg.pdf_pool import Pool, ReadersBusy
from ekg.tests import hostile_pdfs as make
from fhir import errors

ROOT = Path(__file__).parents[2]
PATIENCE = 10
"""Seconds for what should take a fraction of one, on a machine with better things to do."""
ENDLESS = make.slow_groups()
SHEET = make.sheet()


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(size=2, waiting=64)
    yield pool
    pool.close()


def inspected(pool: Pool, data: bytes = SHEET) -> bool:
    answer = pool.run(INSPECT, data, wait=PATIENCE, seconds=PATIENCE)
    return answer is not None and bool(answer.said["readable"])


def until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def working(pid: int) -> bool:
    """Whether a child has taken a job: it then watches its parent (and waits for nothing)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_RUNNING)
    except psutil.NoSuchProcess:
        return False


def gone(pid: int) -> bool:
    """Ended, also when nobody has collected it (the first process of a container may not)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_a_child_has_its_limits_before_it_sees_a_file(pool: Pool) -> None:
    inspected(pool)
    (child,) = [psutil.Process(pid) for pid in pool.pids()]
    assert child.rlimit(psutil.RLIMIT_AS)[1] <= 512 << 20
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_NOFILE) == (3, 3)
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert child.num_fds() == 4
    assert child.net_connections("inet") == []


def test_a_child_knows_nothing_of_our_environment(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody:secret@db/journal")
    inspected(pool)
    environment = psutil.Process(pool.pids()[0]).environ()
    assert set(environment) == {"PYTHONPATH", "LC_ALL", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"}
    assert "secret" not in str(environment)


def test_a_child_has_not_loaded_django(pool: Pool) -> None:
    inspected(pool)
    assert "django" not in Path(f"/proc/{pool.pids()[0]}/maps").read_text()
    loaded = "import sys, ekg.pdf_worker; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False).returncode == 0


def test_nothing_starts_before_it_is_needed_and_one_child_serves_one_thread(pool: Pool) -> None:
    assert pool.pids() == []
    assert all(inspected(pool) for _ in range(5))
    assert len(pool.pids()) == 1


def test_eight_threads_share_two_children(pool: Pool) -> None:
    files = [SHEET, make.flipped(), make.broken_xref(), b"", make.pages(20)] * 16
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda data: inspected(pool, data), files))
    assert answers == [True, False, True, False, True] * 16
    assert len(pool.pids()) == 2


def test_a_child_killed_while_idle_is_replaced_unseen(pool: Pool) -> None:
    inspected(pool)
    (old,) = pool.pids()
    os.kill(old, signal.SIGKILL)
    assert inspected(pool)
    assert pool.pids() != [old]


def test_a_child_killed_at_work_is_replaced_unseen_and_others_go_on(pool: Pool) -> None:
    inspected(pool)
    (busy,) = pool.pids()
    with ThreadPoolExecutor(1) as thread:
        large = make.sheet(page=b"/MediaBox[0 0 14400 14400]")
        painted = thread.submit(pool.run, RENDER, large, wait=PATIENCE, seconds=60, page=1, dpis=(600, 300))
        assert until(lambda: working(busy))
        assert inspected(pool)
        os.kill(busy, signal.SIGKILL)
        assert inspected(pool)
        answer = painted.result()
    assert answer is not None
    assert len(answer.pages) == 2
    assert busy not in pool.pids()


def test_a_file_without_end_is_given_up_and_its_child_replaced(pool: Pool) -> None:
    inspected(pool)
    (old,) = pool.pids()
    assert pool.run(RENDER, ENDLESS, wait=1, seconds=4, page=1, dpis=(150, 0)) is None
    assert old not in pool.pids()
    assert not psutil.pid_exists(old)
    assert inspected(pool)


def test_a_file_that_breaks_children_is_given_up_after_two(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    inspected(pool)
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(pool.run, RENDER, ENDLESS, wait=1, seconds=PATIENCE, page=1, dpis=(150, 0))
        killed: set[int] = set()
        while not answer.done():
            for pid in set(pool.pids()) - killed:
                if working(pid):
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)
            time.sleep(0.01)
        assert answer.result() is None
    assert len([one for one in caplog.records if "replaced" in one.message]) == 2


def test_a_child_that_gets_no_time_is_not_held_against_the_file(pool: Pool) -> None:
    inspected(pool)
    os.kill(pool.pids()[0], signal.SIGSTOP)
    with pytest.raises(ReadersBusy):
        pool.run(INSPECT, SHEET, wait=1, seconds=1)
    assert inspected(pool)


def test_a_child_that_once_used_much_memory_goes_after_its_answer(pool: Pool) -> None:
    assert not inspected(pool, make.image(make.bomb(10 << 30, 3), 100, 100))
    assert 160 << 10 < pool.peak < 512 << 10
    assert pool.pids() == []


def test_who_finds_no_child_free_is_told_so_in_time() -> None:
    pool = Pool(size=1, waiting=1)
    inspected(pool)
    (busy,) = pool.pids()
    with ThreadPoolExecutor(2) as threads:
        threads.submit(pool.run, RENDER, ENDLESS, wait=0, seconds=3, page=1, dpis=(150, 0))
        assert until(lambda: working(busy))
        in_line = threads.submit(pool.run, INSPECT, SHEET, wait=1, seconds=1)
        assert until(lambda: pool._line._value == 0)
        with pytest.raises(ReadersBusy, match="Too many"):
            pool.run(INSPECT, SHEET, wait=PATIENCE, seconds=1)
        with pytest.raises(ReadersBusy, match="free in time"):
            in_line.result()
    pool.close()


def test_an_installation_that_cannot_start_a_child_is_not_held_against_the_file(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for broken in ("/nonexistent/python", "/bin/true"):
        monkeypatch.setattr(sys, "executable", broken)
        with pytest.raises(ReadersBusy):
            pool.run(INSPECT, SHEET, wait=1, seconds=PATIENCE)
    monkeypatch.undo()
    assert inspected(pool)


def test_the_door_answers_503_when_no_child_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "POOL", Pool(size=0, waiting=0))
    with pytest.raises(ReadersBusy) as busy:
        pdf.inspect(SHEET)
    answer = errors.answer(busy.value)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_many_threads_may_start_the_first_child_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Pool(size=2)
    monkeypatch.setattr(pdf, "POOL", fresh)
    start = threading.Barrier(6)

    def one(_: int) -> bool:
        start.wait()
        return pdf.inspect(SHEET).readable

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(one, range(6)))
    assert len(fresh.pids()) <= 2
    fresh.close()
    assert fresh.pids() == []


def server(code: str) -> subprocess.Popen[str]:
    """Another process that uses the pool, prints the ids of its children, and stays until it is killed."""
    lines = "import threading, time\nfrom ekg import pdf, pdf_pool\nfrom ekg.tests import hostile_pdfs as make\n" + code
    return subprocess.Popen([sys.executable, "-c", lines], cwd=ROOT, stdout=subprocess.PIPE, text=True)


IDLE = "pdf.warm(); print(*pdf_pool.POOL.pids(), flush=True); time.sleep(600)"
BUSY = """
pdf.warm()
job = lambda: pdf_pool.POOL.run(b"r", make.slow_groups(), wait=1, seconds=600, page=1, dpis=(150, 0))
threading.Thread(target=job, daemon=True).start()
time.sleep(0.5)
print(*pdf_pool.POOL.pids(), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("doing", [IDLE, BUSY], ids=["idle", "at work"])
def test_no_child_outlives_a_server_that_is_killed(doing: str) -> None:
    with server(doing) as parent:
        assert parent.stdout
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        assert all(psutil.pid_exists(pid) for pid in children)
        parent.kill()
    assert until(lambda: all(gone(pid) for pid in children))


def test_a_forked_copy_gets_children_of_its_own_and_leaves_ours_alone() -> None:
    forking = """
import os
pdf.warm()
before = pdf_pool.POOL.pids()
if os.fork() == 0:
    assert pdf_pool.POOL.pids() == []
    assert pdf.inspect(make.sheet()).readable and not set(pdf_pool.POOL.pids()) & set(before)
    pdf_pool.POOL.close()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
assert pdf.inspect(make.sheet()).readable and pdf_pool.POOL.pids() == before
print("well")
"""
    with server(forking) as parent:
        assert parent.communicate(timeout=60)[0] == "well\n"


def test_asking_loads_neither_a_pdf_library_nor_django() -> None:
    code = """
import sys
from ekg import pdf
pdf.inspect(b"%PDF-1.4")
sys.exit(bool({"pikepdf", "pypdfium2", "django"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
