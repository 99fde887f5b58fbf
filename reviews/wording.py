"""What was seen, why and on what ground, in Danish: the log's codes become words here."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import reasons
from access.models import Audience
from access.models.contexts import LEVELS
from audit.actions import Action, words

RELATIONS = dict(LEVELS)


class Thing(NamedTuple):
    """One action, and what it was about; "" for a page that is about nothing in particular."""

    action: str
    entity: str


def things(seen: Iterable[str]) -> set[Thing]:
    """Of a copied look-up: "action", "action entity", or "action entity entity" for two beside each other."""
    split = (each.split(" ") for each in seen)
    return {Thing(action, entity) for action, *entities in split for entity in (entities or [""])}


EKG_SEEN = (Action.EKG_RECORDING_VIEWED, Action.EKG_FOLDER_VIEWED, Action.OVERVIEW_VIEWED, Action.EKG_ORIGINAL_OPENED)
TAKEN = (Action.EKG_PRINTED, Action.EKG_PDF_FETCHED)


def seen(found: Iterable[Thing]) -> str:
    """oversigten, 3 EKG'er, kommunale data; or that the record was opened, when nothing was on the screen."""
    found = set(found)
    actions = {thing.action for thing in found}
    shown = {thing.entity for thing in found if thing.action in EKG_SEEN and thing.entity}
    taken = {thing.entity for thing in found if thing.action in TAKEN}
    said = [_("oversigten")] if Action.OVERVIEW_VIEWED in actions else []
    if Action.EKG_FOLDER_VIEWED in actions and not shown:
        said.append(_("listen over EKG'er"))
    if shown:
        said.append(ngettext("%(n)s EKG", "%(n)s EKG'er", len(shown)) % {"n": len(shown)})
    if Action.EOJ_VIEWED in actions:
        said.append(_("kommunale data"))
    if taken:
        copies = ngettext("%(n)s EKG på papir eller som fil", "%(n)s EKG'er på papir eller som fil", len(taken))
        said.append(copies % {"n": len(taken)})
    if Action.CPR_REVEALED in actions:
        said.append(_("det fulde CPR-nummer"))
    known = {*EKG_SEEN, *TAKEN, Action.EOJ_VIEWED, Action.CPR_REVEALED}
    said += sorted(words(action) for action in actions - known)
    return ", ".join(said) or _("åbnede journalen uden at se noget")


def why(ground: str, relation: str) -> str:
    """Aktuel behandling · Behandlingsrelation: C historisk."""
    told = RELATIONS.get(relation, relation)
    said = [reasons.words(ground)] if ground or relation else [_("Grunden fremgår ikke af loggen")]
    return " · ".join([*said, *([_("Behandlingsrelation: %(level)s") % {"level": told}] if relation else [])])


def moment(at: datetime) -> str:
    """16.11.2026 kl. 08.05, in Danish time."""
    local = timezone.localtime(at)
    return _("%(date)s kl. %(time)s") % {"date": f"{local:%d.%m.%Y}", "time": f"{local:%H.%M}"}


def role(code: str) -> str:
    return str(Audience(code).label) if code in Audience.values else code
