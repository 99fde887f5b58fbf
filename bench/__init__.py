"""Measures ours against a floor in one run: `make bench` writes docs/bench.tsv (docs/adr/0016)."""
