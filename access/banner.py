"""What every page of a record says about whose it is, who looks, and why."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import matrix, reasons
from access.doors import Door
from access.lookup import Opened
from access.models import Audience, OrganisationSystem
from access.signed import Responsible
from patients import cpr
from patients.models import Patient

MASKED_NAME = "ADRESSEBESKYTTET"
"""What sources write instead of a protected name; there is no flag, only this word in the standard's example files."""

WHOSE: Mapping[str, str | Promise] = {
    Audience.CITIZEN: gettext_lazy("Du ser dine egne data."),
    Audience.CUSTODY: gettext_lazy("Du ser dit barns data."),
    Audience.GUARDIAN: gettext_lazy("Du ser data for %(name)s som værge."),
    Audience.PROXY: gettext_lazy("Du ser data for %(name)s efter fuldmagt."),
}


@dataclass(frozen=True)
class Banner:
    """Ready to print: all words are Danish."""

    name: str
    cpr_masked: str
    cpr_written: str
    born: date | None
    age: int | None
    sex: str
    """kvinde | mand."""
    user_name: str
    """Who looks, and on whose behalf."""
    organisation_name: str
    organisation_sor: str
    """"" when the launch named the unit by another register."""
    own: bool
    """Whether a citizen looks, at own data or another's: there is no unit, and no system it was opened from."""
    whose: str
    """What a citizen is told about whose data it is; "" for staff."""
    mine: bool
    """Whether the data are the reader's own."""
    others: bool
    """Whether there is anybody else whose data the reader may choose to see."""
    opened_from: str
    """The launching system, for "Åbnet fra …"."""
    purpose_words: str
    tag: str
    """Four characters that tell two tabs apart in their titles; they say nothing about the patient."""
    protected_name: bool
    other_contexts: bool
    """Whether this browser session has another patient open as well."""


def banner(context: Opened, responsible: Responsible | None, *, others: bool, overriding: bool) -> Banner:
    """The name is the launch's or the login's own, otherwise the newest document's: a masked one is never replaced."""
    number = context.cpr
    name = context.patient_name or context.document_name or _("Navn ikke oplyst")
    is_sor = context.organisation_system == OrganisationSystem.SOR
    return Banner(
        name=name,
        cpr_masked=cpr.masked(number),
        cpr_written=cpr.written(number),
        born=cpr.birth_date(number),
        age=cpr.age(number, timezone.localdate()),
        sex=_sex(number),
        user_name=_user(context, responsible),
        organisation_name=context.organisation_name,
        organisation_sor=context.organisation_id if is_sor else "",
        own=matrix.door(context.audience) is Door.CITIZEN,
        whose=_whose(context.audience, name),
        mine=context.audience == Audience.CITIZEN,
        others=others,
        opened_from=context.opened_from,
        purpose_words=_("Værdispring") if overriding else reasons.words(context.ground),
        tag=tag(context.id),
        protected_name=MASKED_NAME in f"{context.patient_name} {context.document_name}".upper(),
        other_contexts=context.other_contexts,
    )


def _user(context: Opened, responsible: Responsible | None) -> str:
    """Sekretær Ida Lund på vegne af Læge Anna Holm."""
    user = context.user.display_name
    if responsible is None or not responsible.name:
        return user
    return _("%(user)s på vegne af %(responsible)s") % {"user": user, "responsible": responsible.name}


def _sex(number: str) -> str:
    return _("mand") if cpr.sex(number) == "mand" else _("kvinde")


def _whose(audience: str, name: str) -> str:
    return str(WHOSE[audience]) % {"name": name} if audience in WHOSE else ""


@dataclass(frozen=True)
class Identity:
    """Enough to tell the right patient from the wrong one before anything is opened."""

    name: str
    cpr_written: str
    age: int | None
    sex: str


def identity(patient: UUID, given_name: str) -> Identity:
    """Whom an opening that waits for an answer is about, with the whole CPR number: it identifies."""
    known = Patient.objects.get(pk=patient)
    name, number = given_name or known.name or _("Navn ikke oplyst"), known.cpr
    return Identity(name, cpr.written(number), cpr.age(number, timezone.localdate()), _sex(number))


def tag(context_id: str) -> str:
    """4F7K: the same for a context every time, different for two contexts but for bad luck (1 : 1,048,576)."""
    return base64.b32encode(hashlib.sha256(context_id.encode()).digest())[:4].decode()
