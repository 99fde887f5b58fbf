"""The gate: nobody sees a record without a grant, and nobody sees it without leaving a line in the audit.

`@opens_record(action)` stands on every view below /k/<context>/ and /borger/<context>/. In this order: who (session and
user) → which patient (the context, of this user, this session and this door) → still open → the view → the event,
committed → only then the answer. What of the patient the user may not see (access.consent) is asked before the view.
Whatever is refused or fails is an event too. When no event can be written, the answer is 503 and nothing else.
"""

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from access import actors, contexts, doors, entitlement, matrix, persons, refusals, sessions, signed
from access.banner import Banner, banner
from access.consent import DENY, Decision, Unknown, visiting
from access.contexts import State
from access.doors import Door
from access.entitlement import Claim
from access.matrix import Part, Rights
from access.models import User
from access.refusals import Kind, Refusal
from access.visit import Visit, event, recorded, refused, rendered
from audit.actions import Action
from audit.record import Actor, NotRecorded, Outcome


@dataclass(frozen=True)
class Grant:
    """Leave to read one patient's record in one request. Only this module makes one."""

    context_id: str
    patient_id: UUID
    user_id: UUID
    actor: Actor
    correlation: str
    banner: Banner
    role: str
    """What the user is."""
    audience: str
    """What the user is to this record: the row of the table (access.matrix)."""
    rights: Rights
    """What of the record this user may open, at this moment."""
    organisation_sor: str
    """The unit that the launch named, "" when by another register than SOR, and for a citizen."""
    consent: Decision = DENY
    """What the citizen has blocked from this user: every query leaves out what it hides."""
    override_ends: datetime | None = None
    """Until when an override (værdispring) shows it all the same."""
    may_override: bool = False
    single_keys: bool = True
    """Whether this user wants shortcuts of a single key."""
    part: Part | None = None
    """The part of the record that this request is about, None for what stands beside all of them."""

    @property
    def door(self) -> Door:
        return self.rights.door

    @property
    def parts(self) -> frozenset[Part]:
        return self.rights.parts

    @property
    def home(self) -> str:
        """The name of the page that the record opens with."""
        return self.rights.home

    def address(self, page: str, **named: object) -> str:
        """Where a page, "eoj:care", of this record is, behind the door that this user came in by."""
        return doors.address(self.door, page, self.context_id, **named)


if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class RecordRequest(HttpRequest):
        """A request inside the gate; the view may say more exactly what it showed."""

        htmx: HtmxDetails
        audit_action: Action
        audit_extra: dict[str, str]
        audit_then: Callable[[UUID], None]
        """Called with the id of the request's event, in its transaction."""
        audit_entity: str
        """Of the form Recording/<uuid>."""

else:
    RecordRequest = HttpRequest

View = Callable[..., HttpResponseBase]


class Unavailable(Exception):
    """What the view would show is held, but damaged or out of reach: nothing of it is sent, and the page says so."""


def opens_record(
    action: Action,
    *,
    kind: Kind = "page",
    methods: Sequence[str] = ("GET", "HEAD"),
    atomic: bool = False,
    part: Part | None = None,
    when_down: Refusal = refusals.BROKEN,
    asks_consent: bool = True,
) -> Callable[[View], View]:
    """Let `view(request, grant, …)` answer below a `<context>` in the path, and record it as `action`.

    `part` is the part of the record it belongs to, None for what every user of a record needs.
    `kind="bytes"` also refuses what another site embeds. `atomic` puts what the view changes and its event into one
    transaction. `when_down` is what is said when the database does not answer: nobody may read that there is nothing.
    `asks_consent=False` is for what shows nothing of the record and must work when nobody knows what is blocked.
    """

    def decorate(view: View) -> View:
        def show(visit: Visit, grant: Grant, named: dict[str, Any]) -> HttpResponseBase:
            _touch(visit)
            try:
                with transaction.atomic() if atomic else contextlib.nullcontext():
                    response = rendered(view(visit.request, grant, **named))
                    return recorded(visit, getattr(visit.request, "audit_action", action), response)
            except (Http404, PermissionDenied, Unavailable, NotRecorded, OperationalError, InterfaceError):
                raise
            except Exception:
                # An event, and then a fault like any other: the page for it knows nothing of the patient.
                event(visit, action, Outcome.SERIOUS, "fault")
                raise

        return _gated(view, show, kind, methods, action, when_down, part, asks_consent)

    return decorate


def checks_record(part: Part | None) -> Callable[[View], View]:
    """Let a page of this part ask in the background whether there is news: the gate, but no event and no sign of life.

    It is covered by the event of the page that asks. So it may answer 204, or 200 with words that stand in a template
    and are the same for every patient; anything else is a fault. A page that was shown during an override says so
    (`?vaerdispring`), and is fetched anew when that has ended: what is blocked leaves the screen.
    """

    return functools.partial(_checked, part=part)


def _checked(view: View, part: Part | None) -> View:
    def show(visit: Visit, grant: Grant, named: dict[str, Any]) -> HttpResponseBase:
        if "vaerdispring" in visit.request.GET and grant.override_ends is None:
            return HttpResponse(status=204, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})
        response = rendered(view(visit.request, grant, **named))
        if response.status_code not in (200, 204):
            raise RuntimeError(f"a background check answered {response.status_code}")
        response["Cache-Control"] = "no-store"
        return response

    def in_background(request: HttpRequest, **named: Any) -> HttpResponseBase:
        request.in_background = True  # type: ignore[attr-defined]
        return gated(request, **named)

    gated = _gated(view, show, "fragment", ("GET",), None, part=part)
    return functools.update_wrapper(in_background, gated)


def _gated(
    view: View,
    show: Callable[[Visit, Grant, dict[str, Any]], HttpResponseBase],
    kind: Kind,
    methods: Sequence[str],
    action: Action | None,
    when_down: Refusal = refusals.BROKEN,
    part: Part | None = None,
    asks_consent: bool = True,
) -> View:
    @functools.wraps(view)
    def gated(request: HttpRequest, context: str, *, door: Door, **named: Any) -> HttpResponseBase:
        visit = Visit(request, door, context, kind, actors.nobody(request))
        try:
            grant = _admitted(visit, methods, part, asks_consent)
            if isinstance(grant, Refusal):
                return refused(visit, grant)
            try:
                return show(visit, grant, named)
            except Http404:
                return refused(visit, refusals.MISSING)
            except PermissionDenied:
                return refused(visit, refusals.FORBIDDEN)
            except Unavailable:
                return refused(visit, refusals.DAMAGED)
        except NotRecorded:
            return refusals.answer(request, refusals.NOT_RECORDED, kind=kind, door=door)
        except (OperationalError, InterfaceError):
            return refusals.answer(request, when_down, kind=kind, door=door)

    gated.opens_record = action or "checked"  # type: ignore[attr-defined]
    gated.part = part  # type: ignore[attr-defined]
    return gated


ENDED = {State.EXPIRED: refusals.EXPIRED, State.CLOSED: refusals.CLOSED, State.SUPERSEDED: refusals.SUPERSEDED}


def _admitted(visit: Visit, methods: Sequence[str], part: Part | None, asks_consent: bool) -> Grant | Refusal:
    request = visit.request
    if not sessions.is_signed_in(request):
        return refusals.SIGNED_OUT
    visit.context = context = contexts.find(visit.context_id)
    # The context's own user came along with it; whoever else it is, Django finds out.
    user = context.user if context and sessions.is_of(request, context.user) else request.user
    visit.actor = actors.of_user(user, request)
    if not isinstance(user, User):
        return refusals.SIGNED_OUT
    if context is None:
        return refusals.UNKNOWN
    if context.user.pk != user.pk:
        return refusals.FOREIGN
    if context.session_key_hash != sessions.key_hash(request):
        return refusals.OTHER_SESSION
    if matrix.door(context.audience) is not visit.door:
        return refusals.WRONG_DOOR
    visit.actor = actors.of_user(user, request, actors.unit(context), audience=context.audience)
    if (ended := ENDED.get(contexts.state(context))) is not None:
        return ended
    rights = entitlement.of(Claim(request, user, context.audience, context.patient_id, context.cpr))
    if isinstance(rights, Refusal):
        return rights
    if part is not None and part not in rights.parts:
        return refusals.NO_ROLE
    if request.method not in methods:
        return refusals.METHOD
    if visit.kind == "bytes" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        return refusals.CROSS_SITE
    try:
        may_override = matrix.overrides(rights, user)
        consent = visiting.decided(visit, context, user, asks=asks_consent, may_override=may_override)
    except Unknown as unknown:
        return refusals.CONSENT_NOT_ASKED.get(str(unknown), refusals.CONSENT_UNKNOWN)
    return Grant(
        context_id=context.id,
        patient_id=context.patient_id,
        user_id=user.pk,
        actor=visit.actor,
        correlation=context.correlation_id,
        banner=(
            shown := banner(
                context,
                signed.responsible(request, user),
                others=persons.are_known(request),
                overriding=visit.override is not None,
            )
        ),
        role=user.role,
        audience=context.audience,
        rights=rights,
        organisation_sor=shown.organisation_sor,
        consent=consent,
        override_ends=visit.override.ends if visit.override else None,
        may_override=may_override,
        single_keys=user.single_keys,
        part=part,
    )


def _touch(visit: Visit) -> None:
    if visit.context is not None:
        contexts.touch(visit.context)
