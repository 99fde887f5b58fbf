"""How long there is between two recordings, in Danish words."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ekg.apart import apart, largest


def between(one: datetime, other: datetime) -> str:
    """2 år 8 måneder."""
    said = largest(apart(timezone.localtime(one), timezone.localtime(other)))
    return " ".join(_counted(unit, count) for unit, count in said) or _("under 1 minut")


def _counted(unit: str, count: int) -> str:
    words = {
        "years": ngettext("%(n)s år", "%(n)s år", count),
        "months": ngettext("%(n)s måned", "%(n)s måneder", count),
        "days": ngettext("%(n)s dag", "%(n)s dage", count),
        "hours": ngettext("%(n)s time", "%(n)s timer", count),
        "minutes": ngettext("%(n)s minut", "%(n)s minutter", count),
    }
    return words[unit] % {"n": count}
