"""python -m demo: starts everything, sends the samples through the door, prints READY, and stays until Ctrl-C."""

import signal
import sys
import time
from types import FrameType

from demo import postgres, stack


class _Stop(Exception):
    """Ctrl-C or SIGTERM."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def main() -> int:
    at = stack.place()
    running, cluster = stack.programs(at), None
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        cluster = stack.prepare(at)
        for program in running:
            program.start()
        stack.wait_until_ready(at, running)
        stack.manage(at, "demo_samples")
        print(f"READY {at.epj}/", flush=True)
        while True:
            time.sleep(0.25)
            if cluster is not None and not postgres.alive(cluster):
                print("The database ended and is started again.", file=sys.stderr, flush=True)
                cluster = postgres.start(at.var)
            for program in running:
                program.keep()
    except _Stop:
        return 0
    except (stack.CannotRun, postgres.CannotStart) as reason:
        print(f"make demo: {reason}", file=sys.stderr)
        return 1
    finally:
        for which in (signal.SIGINT, signal.SIGTERM):
            signal.signal(which, signal.SIG_IGN)
        stack.shut_down(running, cluster)


if __name__ == "__main__":
    sys.exit(main())
