"""Accounts for every look of a day, and tells an operator when one is not in the queue for MinLog."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.minlog import figures, outbox, reconciling
from audit.minlog.entry import VIEWER
from audit.minlog.reconciling import Account

log = logging.getLogger("audit.minlog")


class Command(BaseCommand):
    """Run it every night; exit code 1, and a line for each difference and alarm, when something must be looked at.

    What a changed setting does not owe any more is let go first.
    """

    help = "Stemmer opslag af mod køen til MinLog, dag for dag og kilde for kilde."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="den sidste dag (UTC), fx 2026-11-27; ellers i går")
        parser.add_argument("--days", type=int, default=1, help="antal dage")

    def handle(self, *args: Any, **options: Any) -> None:
        outbox.let_all_go([source for source, mode in settings.MINLOG.items() if mode != VIEWER])
        last, wrong = options["day"] or datetime.now(UTC).date() - timedelta(days=1), []
        for day in reconciling.days(last, options["days"]):
            told = reconciling.accounts(day)
            for account in told:
                self.stdout.write(_line(account))
            wrong += [_difference(account) for account in told if not account.balances]
            if any(account.missing for account in told):
                wrong += [_("Mangler i køen: %s.") % key for key in reconciling.unaccounted(day)]
        wrong += figures.alarms()
        for sentence in wrong:
            log.error(sentence)
        if wrong:
            raise CommandError("\n".join(wrong))


def _line(account: Account) -> str:
    states = account.states
    return _(
        "%(day)s %(source)s: %(reads)d opslag = %(acked)d registreret + %(pending)d venter + %(suppressed)d ikke af os"
        " + %(dead)d opgivet"
    ) % {
        "day": account.day,
        "source": account.source,
        "reads": account.reads,
        **{state: states[state] for state in ("acked", "pending", "suppressed", "dead")},
    }


def _difference(account: Account) -> str:
    said = ngettext(
        "%(day)s %(source)s: %(reads)d opslag, men %(rows)d række til MinLog; %(missing)d mangler.",
        "%(day)s %(source)s: %(reads)d opslag, men %(rows)d rækker til MinLog; %(missing)d mangler.",
        account.rows,
    )
    return said % {
        "day": account.day,
        "source": account.source,
        "reads": account.reads,
        "rows": account.rows,
        "missing": account.missing,
    }
