"""Fetching under faults: the process that fetches is killed the hard way, and the next one goes on where it was."""

import subprocess
import sys
import threading
import uuid

import pytest

from demo.running import Running
from demo.stack import ROOT
from eoj.tests.gateway import gateway
from samples.population import reports
from sundhedsjournal.tests.stack import connect, count

pytestmark = pytest.mark.stack
PEOPLE = list(reports(12, 3))
SIZE = 4
LAST = -(-len(PEOPLE) // SIZE)
REGISTER = (
    "INSERT INTO eoj_gateway (id, name, base_url, sender_id, active, daily_at, count, due, next_page, ending, told)"
    " SELECT %s, 'KL', %s, id, false, '05:00', %s, now(), '', '', '{}' FROM fhir_sender WHERE subject = 'demo-sender'"
)


def test_a_pull_that_is_killed_is_gone_on_with(demo: Running) -> None:
    with gateway() as peer, connect(demo) as database:
        peer.holds(*PEOPLE)
        database.execute(REGISTER, [uuid.uuid4(), peer.base, SIZE])
        before = count(demo, "SELECT count(*) FROM eoj_report")
        reached, over = threading.Event(), threading.Event()

        def wait_on_the_third(page: int) -> None:
            if page == 3 and not over.is_set():
                reached.set()
                over.wait(60)

        peer.on_page = wait_on_the_third
        command = [sys.executable, "manage.py", "pull_eoj", "KL"]
        victim = subprocess.Popen(command, cwd=ROOT, env=demo.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert reached.wait(60)
        victim.kill()
        victim.communicate()
        over.set()
        assert count(demo, "SELECT count(*) FROM eoj_report") - before == 2 * SIZE
        refused = demo.manage("pull_eoj", "KL")
        assert (refused.returncode, "prøv igen" in refused.stderr) == (1, True), "it could be alive still"
        database.execute("UPDATE eoj_gateway SET lease = now()")
        done = demo.manage("pull_eoj", "KL")
        assert (done.returncode, done.stdout) == (0, "KL: Alt er hentet.\n"), done.stderr
        assert peer.pages == [1, 2, 3, *range(3, LAST + 1)]
        assert count(demo, "SELECT count(*) FROM eoj_report") - before == len(PEOPLE)
        assert count(demo, "SELECT count(*) FROM audit_event WHERE action = 'eoj.pulled'") == 1
