"""What the log says to a citizen, in plain Danish: codes become words here and nowhere else."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import reasons
from access.models import Audience
from audit.actions import Action
from citizen.queries import Seen
from ekg.told import Made

WHAT: Mapping[str, str | Promise] = {
    Action.EKG_FOLDER_VIEWED: gettext_lazy("listen over EKG'er"),
    Action.EOJ_VIEWED: gettext_lazy("kommunale data"),
    Action.OVERVIEW_VIEWED: gettext_lazy("oversigten"),
    Action.CPR_REVEALED: gettext_lazy("det fulde CPR-nummer"),
    Action.LOG_VIEWED: gettext_lazy("listen over, hvem der har set data"),
}
WHY: Mapping[str, str | Promise] = {
    Audience.CITIZEN: gettext_lazy("Egne oplysninger"),
    Audience.CUSTODY: gettext_lazy("Forældremyndighed"),
    Audience.GUARDIAN: gettext_lazy("Værgemål"),
    Audience.PROXY: gettext_lazy("Fuldmagt"),
}


def sentence(seen: Seen) -> str:
    """Læge Anna Holm (Autoriseret sundhedsperson), Lægehuset Nord, så EKG fra 20.11.2026."""
    said = {"who": who(seen), "place": seen.place, "what": what(seen)}
    if seen.look.line.action == Action.OVERRIDE_STARTED:
        return _("%(who)s, %(place)s, begyndte værdispring") % said
    return (_("%(who)s, %(place)s, så %(what)s") if seen.place else _("%(who)s så %(what)s")) % said


def who(seen: Seen) -> str:
    """The name where it is shown, and always what the person is."""
    if seen.own:
        return _("Du")
    role = seen.look.line.actor_role
    if role == Audience.CITIZEN:
        return _("Borgeren selv")
    label = str(Audience(role).label) if role in Audience.values else role
    return f"{seen.name} ({label})" if seen.name else label


def what(seen: Seen) -> str:
    """What exactly was on the screen."""
    action, made = seen.look.line.action, seen.recording
    if action == Action.EKG_RECORDING_VIEWED:
        return _ekgs(seen)
    if action == Action.EKG_PRINTED:
        return _("en udskrift af %(ekg)s") % {"ekg": _ekgs(seen)}
    if action == Action.EKG_PDF_FETCHED:
        return _("en PDF med %(ekg)s") % {"ekg": _ekgs(seen)}
    if action == Action.OVERVIEW_VIEWED and made:
        return _("oversigten og %(ekg)s") % {"ekg": _ekg(made)}
    if action == Action.EKG_ORIGINAL_OPENED:
        return _("den originale PDF af %(ekg)s") % {"ekg": _ekg(made)}
    if action == Action.EKG_FOLDER_VIEWED and made:
        return _("listen over EKG'er og %(ekg)s") % {"ekg": _ekg(made)}
    return str(WHAT.get(action, action))


def why(seen: Seen) -> str:
    """The ground, as it was chosen; never the words that somebody wrote."""
    return str(WHY.get(seen.look.line.actor_role, "")) or reasons.words(seen.look.ground)


def _ekgs(seen: Seen) -> str:
    """One, or two that were shown beside each other."""
    if not seen.beside:
        return _ekg(seen.recording)
    return _("%(ekg)s og %(other)s") % {"ekg": _ekg(seen.recording), "other": _ekg(seen.beside)}


def _ekg(made: Made | None) -> str:
    if made is None:
        return _("et EKG, der er trukket tilbage")
    day = f"{timezone.localtime(made.moment):%d.%m.%Y}"
    return (_("EKG fra %(day)s") if made.is_start else _("EKG modtaget %(day)s")) % {"day": day}
