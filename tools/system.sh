#!/bin/sh
# Libraries that WeasyPrint loads, and with "tests" a Chromium too: from Debian when root, else in one sentence.
set -eu
missing=""
for pair in libpango-1.0.so.0:libpango-1.0-0 libpangoft2-1.0.so.0:libpangoft2-1.0-0 libharfbuzz-subset.so.0:libharfbuzz-subset0; do
  .venv/bin/python -c "import ctypes; ctypes.CDLL('${pair%%:*}')" 2>/dev/null || missing="$missing ${pair##*:}"
done
if [ "${1:-}" = tests ] && ! .venv/bin/python -m tools.chromium >/dev/null 2>&1; then missing="$missing chromium"; fi
# The browser tests run in three quarters of the time with it, and without it just as well.
if [ "${1:-}" = tests ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! command -v chromium-headless-shell >/dev/null; then
  echo "Installing from Debian, if it is there: chromium-headless-shell" >&2
  (apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium-headless-shell) >/dev/null 2>&1 || true
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing from Debian:$missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  (apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing) >&2 || true
fi
case " $missing " in *" chromium "*)
  .venv/bin/python -m tools.chromium >/dev/null 2>&1 || .venv/bin/python -m playwright install chromium >&2 || true
  .venv/bin/python -m tools.chromium >/dev/null 2>&1 ||
    echo "Browser tests will be left out: no Chromium is here and none could be fetched; install the package chromium." >&2
esac
for pair in libpango-1.0.so.0:libpango-1.0-0 libpangoft2-1.0.so.0:libpangoft2-1.0-0 libharfbuzz-subset.so.0:libharfbuzz-subset0; do
  .venv/bin/python -c "import ctypes; ctypes.CDLL('${pair%%:*}')" 2>/dev/null ||
    echo "PDF files cannot be made here: install the package ${pair##*:}." >&2
done
