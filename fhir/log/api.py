"""GET /fhir/AuditEvent: the whole log, or an organisation's, for a registered system; to read is itself an event."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, cast

from django.http import Http404, QueryDict
from rest_framework import exceptions
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from audit import searching
from audit.actions import Action
from audit.record import Outcome, record
from audit.resource import canonical
from fhir import errors
from fhir.api import Fhir, request_id
from fhir.authentication import SenderAuthentication, actor_of
from fhir.bundle import Rejected, Tree
from fhir.log import answering
from fhir.log.asking import Asked, read
from fhir.log.paging import opened, sealed
from fhir.models import Sender
from fhir.outcome import failure
from fhir.receiving import as_code
from fhir.rendering import FhirJsonRenderer
from fhir.rights import ReadsLog
from fhir.throttling import SenderThrottle
from organisations.register import with_sub_units

WEEK = timedelta(days=7)
"""What somebody who reads an organisation's events may look through at once: no index is on the organisation."""
ENTITY = "AuditEvent"
LONGEST = 4000
"""Bytes of a search in a body."""

Identify = Callable[[str, str], uuid.UUID | None]
"""Our own id of somebody who is known by (issuer, subject): what the log is sorted by."""


def nobody(issuer: str, subject: str) -> uuid.UUID | None:
    """Where users are not known."""
    return None


class Reading(Fhir):
    """What a search and a single event have in common: who may, and that nothing leaves without its event."""

    authentication_classes = (SenderAuthentication,)
    permission_classes = (ReadsLog,)
    throttle_classes = (SenderThrottle,)
    parser_classes = (FormParser,)
    renderer_classes = (FhirJsonRenderer,)
    http_method_names = ["get", "head"]
    identify: Identify = staticmethod(nobody)
    action = Action.AUDIT_SEARCHED
    sender: Sender | None = None
    patient: uuid.UUID | None = None

    def perform_authentication(self, request: Request) -> None:
        """Before anything else: from here on, what goes wrong is this system's and is recorded."""
        super().perform_authentication(request)
        self.sender = cast(Sender, request.auth)

    def organisations(self) -> Collection[str] | None:
        """Whose events this system reads: None for everybody's, otherwise these units with all that are below them."""
        scope = cast(Sender, self.sender).reads_log
        return None if "*" in scope else with_sub_units(scope)

    def answered(self, tree: Tree, **told: Any) -> Response:
        """The answer, once its event is committed; the bytes of an event are those that it was written with."""
        text = canonical(tree).decode()
        response = Response(text)
        response["X-Audit-Id"] = str(self.note(self.action, **told))
        return response

    def note(self, action: Action, **told: Any) -> uuid.UUID:
        actor = actor_of(cast(Sender, self.sender), self.request)
        return record(action, actor=actor, patient=self.patient, request_id=request_id(self.request), **told)

    def handle_exception(self, exc: Exception) -> Response:
        """What a known system asked in vain is an event too; without one there is no answer but 503."""
        response = self.refusal(exc)
        if self.sender is not None and response.status_code not in (429, 503):
            outcome = Outcome.SERIOUS if response.status_code >= 500 else Outcome.MINOR
            refused = isinstance(exc, exceptions.PermissionDenied)
            action = Action.SENDER_REFUSED if refused else self.action
            try:
                row = self.note(action, outcome=outcome, reason=as_code(errors.reason(exc)), entity=ENTITY)
            except Exception as error:
                return self.refusal(error)
            response["X-Audit-Id"] = str(row)
        return response

    def refusal(self, exc: Exception) -> Response:
        if isinstance(exc, Rejected):
            return Response(failure("invalid", exc.rule, exc.sentence, exc.where), 400)
        response = super().handle_exception(exc)
        if response.status_code == 503:
            response.data = failure("transient", "unavailable", "Loggen kan ikke læses lige nu.")
        return response


class Search(Reading):
    """A page of events, newest first."""

    def get(self, request: Request) -> Response:
        """Search by what stands in the address."""
        return self.found(dict(request.query_params.lists()))

    def found(self, parameters: Mapping[str, Any]) -> Response:
        """The page that these parameters ask for."""
        reader, place = cast(Sender, self.sender), None
        if "_page" in parameters:
            if parameters.keys() - {"_page", "_format"}:
                raise Rejected("Linket til næste side bruges alene.", "_page", "search-page")
            asked, place = opened(parameters["_page"][0], reader.pk)
            agent = cast("uuid.UUID | None", asked.agent)
        else:
            asked = read(parameters)
            self.patient = asked.patient
            agent = self._agent(asked)
        self.patient = asked.patient
        within = self.organisations()
        if within is not None and not (asked.patient or agent or _is_short(asked)):
            raise Rejected("Angiv borger, aktør eller højst en uge.", "date", "search-too-wide")
        wanted = searching.Wanted(asked.patient, agent, asked.start, asked.end, within)
        rows = searching.found(wanted, asked.count + 1, place)
        if within is not None and not rows and isinstance(asked.agent, tuple):
            self._known_to(within, agent)
        more = sealed(reader.pk, asked, agent, rows[asked.count - 1].place) if len(rows) > asked.count else ""
        said = answering.told(asked, agent)
        tree = answering.bundle(self.request.build_absolute_uri("/fhir/AuditEvent"), rows[: asked.count], said, more)
        extra = answering.codes(said) | ({"page": "following"} if place else {})
        return self.answered(tree, entity=ENTITY, extra=extra)

    def _agent(self, asked: Asked) -> uuid.UUID | None:
        if not isinstance(asked.agent, tuple):
            return asked.agent
        issuer, subject = asked.agent
        known = self.identify(issuer, subject) or _sender(issuer, subject)
        if known is None:
            raise _unknown()
        return known

    def _known_to(self, within: Collection[str], agent: uuid.UUID | None) -> None:
        """Whoever reads some units' events learns nothing of somebody who has never acted there: not even an id."""
        if not searching.found(searching.Wanted(actor=agent, organisations=within), 1):
            raise _unknown()


class PostedSearch(Search):
    """The same, with the parameters in the body: an issuer's identifiers stay out of every address."""

    http_method_names = ["post"]

    def post(self, request: Request) -> Response:
        """Search by what stands in the body alone."""
        if request.query_params.keys() - {"_format"}:
            raise Rejected("Søgeparametre skal stå i forespørgslens indhold.", "", "search-address")
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
            raise Rejected("Søgningen fylder for meget.", "", "search-length")
        return self.found(dict(cast(QueryDict, request.data).lists()))


class One(Reading):
    """One event."""

    action = Action.AUDIT_VIEWED

    def get(self, request: Request, event_id: str) -> Response:
        """The event, or 404 when there is none that this system may read."""
        try:
            key = uuid.UUID(event_id)
        except ValueError:
            raise Http404 from None
        row = searching.one(key, self.organisations())
        if row is None:
            raise Http404
        self.patient = row.patient
        return self.answered(row.event, entity=f"{ENTITY}/{row.id}")


def _unknown() -> Rejected:
    """An empty page would read as "has never looked"."""
    return Rejected("Ingen bruger eller afsender er kendt ved denne identifikator.", "agent", "search-agent")


def _sender(issuer: str, subject: str) -> uuid.UUID | None:
    return Sender.objects.filter(issuer__url=issuer, subject=subject).values_list("pk", flat=True).first()


def _is_short(asked: Asked) -> bool:
    return asked.start is not None and asked.end is not None and asked.end - asked.start <= WEEK
