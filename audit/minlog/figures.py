"""How it goes with MinLog, in numbers for whoever watches, and in sentences for whoever must do something."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.minlog.entry import VIEWER

LATE = timedelta(hours=1)
NOW = """
SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'sending'), min(since),
  (SELECT count(*) FROM minlog_outbox WHERE state = 'dead')
FROM minlog_outbox WHERE state IN ('pending', 'sending')
"""
"""Reads the partial indexes alone: what is done with, which is nearly all, is not looked at."""


@dataclass(frozen=True)
class Figures:
    """What waits at this moment."""

    pending: int
    sending: int
    dead: int
    oldest: datetime | None
    """Since when the oldest has waited; None when nothing waits."""

    @property
    def oldest_seconds(self) -> float:
        return (timezone.now() - self.oldest).total_seconds() if self.oldest else 0.0


def figures() -> Figures:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        pending, sending, oldest, dead = cursor.fetchone()
    return Figures(pending, sending, dead, oldest)


def alarms() -> list[str]:
    """What an operator must hear about, as sentences; none when all is well."""
    now, told = figures(), []
    if now.oldest and timezone.now() - now.oldest > LATE:
        oldest = timezone.localtime(now.oldest)
        since = {"date": f"{oldest:%d.%m.%Y}", "time": f"{oldest:%H.%M}"}
        told.append(_("Det ældste opslag, som MinLog mangler, har ventet siden %(date)s kl. %(time)s.") % since)
    if now.dead:
        sentence = ngettext(
            "%(count)d opslag er opgivet og ikke registreret i MinLog: se Opslag til MinLog i administrationen.",
            "%(count)d opslag er opgivet og ikke registreret i MinLog: se Opslag til MinLog i administrationen.",
            now.dead,
        )
        told.append(sentence % {"count": now.dead})
    ours = sorted(source for source, mode in settings.MINLOG.items() if mode == VIEWER)
    if ours and now.oldest and not settings.MINLOG_URL:
        told.append(
            _("MINLOG_URL er ikke sat, så opslag venter: sæt den, eller skriv none i MINLOG for %(sources)s.")
            % {"sources": ", ".join(ours)}
        )
    return told
