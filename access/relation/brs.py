"""The national service of treatment relations (Behandlingsrelationsservicen), as far as its guide tells.

The fields are those of the guide (ACCESS.md §9c); names of elements, their order and the namespace are inferred, and
stand here alone (ADR 0024). A real deployment puts what adds STS id-cards between us and the service.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # lxml-stubs leaves it out

from access.models import OrganisationSystem
from access.relation import wire
from access.relation.question import Level, Question, Relation, Unavailable

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BRS = "urn:dk:nsp:brs"
MINIMUM = Level.B
"""What a follow-up looks for: the weakest level that permits by itself."""
ORGANISATIONS = {OrganisationSystem.SOR: "SOR", OrganisationSystem.YDERNUMMER: "ydernummer"}
"""The service also knows SKS and EAN, which no launch tells; it does not know CVR."""
FAULTS = frozenset(
    {
        "processing_problem", "missing_required_header", "security_level_failed", "invalid_idcard", "expired_idcard",
        "not_authorized",
    }
)  # fmt: skip
MOST = 500
"""Notifications asked for at a time."""

_soap = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
_brs = ElementMaker(namespace=BRS, nsmap={"brs": BRS})


@dataclass(frozen=True)
class Notification:
    """What a follow-up ended with: the level was reached, or the time was over."""

    number: int
    reference: UUID
    level: Level


def relation(question: Question) -> Relation:
    """Ask, and order the follow-up in the same call; raises Unavailable."""
    said = _called("GetRelation", _question(question))
    if _text(said, "ExternalReferenceId") != str(question.reference):
        raise Unavailable("brs-other-reference")
    level = _level(said)
    return Relation(level, "brs", question.reference, followed_up=_text(said, "Followup") == "true")


def notifications(offset: int) -> list[Notification]:
    """Those with a number above the offset, in order; raises Unavailable when one of them makes no sense."""
    asked = _brs.GetNotificationsRequest(
        _brs.QueryableCvr(settings.RELATION_BRS_CVR), _brs.Offset(str(offset)), _brs.MaximumCount(str(MOST))
    )
    told = [_notification(each) for each in _called("GetNotifications", asked).iterchildren(f"{{{BRS}}}Notification")]
    return sorted((each for each in told if each.number > offset), key=lambda each: each.number)


def _question(question: Question) -> etree._Element:
    kind = ORGANISATIONS.get(OrganisationSystem(question.organisation_system))
    if kind is None:
        raise Unavailable("brs-organisation-unknown")
    professional = [_brs.HealthProfessionalCpr(question.professional_cpr)] if question.professional_cpr else []
    asked: etree._Element = _brs.GetRelationRequest(
        _brs.OrganisationIdentifier(question.organisation_id, type=kind),
        _brs.PatientCpr(question.cpr),
        *professional,
        _brs.RelationLookupTimeInterval(_brs.Start(_time(question.since)), _brs.End(_time(question.until))),
        _brs.TimeLimit(f"P{settings.RELATION_FOLLOW_UP_DAYS}D"),
        _brs.ExternalReferenceId(str(question.reference)),
        _brs.QueryableCvr(settings.RELATION_BRS_CVR),
        _brs.MinimumAcceptableRelation(MINIMUM.value),
        _brs.Followup("true"),
    )
    return asked


def _called(operation: str, content: etree._Element) -> etree._Element:
    """The answer to one operation, out of its envelope; a fault is no answer."""
    envelope = _soap.Envelope(_soap.Header(), _soap.Body(content))
    raw = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    body = _read(wire.post(settings.RELATION_BRS_URL, f"{BRS}#{operation}", raw)).find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1:
        raise Unavailable("brs-not-understood")
    if body[0].tag == f"{{{SOAP}}}Fault":
        raise Unavailable(_fault(body[0]))
    if body[0].tag != f"{{{BRS}}}{operation}Response":
        raise Unavailable("brs-not-understood")
    return body[0]


def _read(raw: bytes) -> etree._Element:
    """The envelope; nothing is resolved or fetched for it, and a document with a DTD is refused whole."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\0" in raw:
        raise Unavailable("brs-not-understood")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unavailable("brs-not-understood") from None
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Unavailable("brs-not-understood")
    return root


def _fault(fault: etree._Element) -> str:
    """The service's own code as ours: brs-not-authorized.

    DGWS has it in detail/medcom:FaultCode, beside a faultcode that says Server; the guide shows the code alone.
    """
    told = (fault.findtext("detail/{*}FaultCode"), fault.findtext("faultcode"))
    codes = [(code or "").rpartition(":")[2].strip().lower() for code in told]
    found = next((code for code in codes if code in FAULTS), "fault")
    return f"brs-{found.replace('_', '-')}"


def _notification(told: etree._Element) -> Notification:
    number = _text(told, "Number")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18 and int(number) > 0):
        raise Unavailable("brs-not-understood")
    try:
        reference = UUID(_text(told, "ExternalReferenceId"))
    except ValueError:
        raise Unavailable("brs-not-understood") from None
    return Notification(int(number), reference, _level(told))


def _level(told: etree._Element) -> Level:
    try:
        level = Level(_text(told, "Relation"))
    except ValueError:
        raise Unavailable("brs-not-understood") from None
    if level is Level.UNVERIFIED:
        raise Unavailable("brs-not-understood")
    return level


def _text(told: etree._Element, name: str) -> str:
    return (told.findtext(f"{{{BRS}}}{name}") or "").strip()


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
