"""python -m bench [name …]: runs the benchmarks (all, or those named) and writes docs/bench.tsv."""

import sys

from bench.measure import COLUMNS, Result, write


def run(group: str) -> list[Result]:
    """One group, on a demo of its own."""
    from demo.running import running_demo

    if group == "visible":
        from bench.door import visible

        return [
            visible("ingest_visible", {}),
            visible("ingest_visible_no_broker", {"BROKER_URL": "redis://127.0.0.1:9/0"}),
        ]
    with running_demo() as demo:
        if group == "pages":
            from bench.pages import reading

            return reading(demo)
        if group == "reading":
            from bench.reading import reading as on_the_screen

            return on_the_screen(demo)
        if group == "door":
            from bench.door import ingest

            return ingest(demo)
        if group == "eoj":
            from bench.eoj import municipal

            return municipal(demo)
        if group == "night":
            from bench.night import night

            return night(demo)
        if group == "audit":
            from bench.audit_size import audit_at_size

            return audit_at_size(demo)
        if group == "seal":
            from bench.seal import seal

            return seal(demo)
        from bench.durability import durability

        return durability(demo)


GROUPS = ("pages", "reading", "door", "visible", "eoj", "night", "durability", "audit", "seal")


def main(names: list[str]) -> int:
    """Runs what is named (all without names); a benchmark that breaks stops the run."""
    if unknown := set(names) - set(GROUPS):
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    print(COLUMNS, end="")
    for group in names or GROUPS:
        results = run(group)
        write(results)
        for result in results:
            print(result.line(), end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
