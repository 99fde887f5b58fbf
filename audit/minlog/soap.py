"""One registration on the wire, and what may be answered. Pure: imports no Django.

SOAP 1.1 with the header of Den Gode Webservice, whose MessageID is what a receiver knows a repeated message by. Names
of elements, their order and the namespace are inferred (ACCESS.md §9b), and stand here alone; a real deployment puts
what adds STS id-cards between us and the service.
"""

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # lxml-stubs leaves it out

from audit.check import safe
from audit.minlog.payload import Tree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DGWS = "http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"
MINLOG = "urn:dk:nsp:minlog2:registration"
OPERATION = "LogDataAdd"
ACTION = f"{MINLOG}#{OPERATION}"
REGISTERED = frozenset({"registered", "already_registered"})
"""The second is said of a message that came before: nothing new was written, and it is registered all the same."""
FAULTS = frozenset(
    {
        "processing_problem", "missing_required_header", "security_level_failed", "invalid_idcard", "expired_idcard",
        "not_authorized", "syntax_error",
    }
)  # fmt: skip

_soap = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
_dgws = ElementMaker(namespace=DGWS, nsmap={"medcom": DGWS})
_minlog = ElementMaker(namespace=MINLOG, nsmap={"ml": MINLOG})


class Refused(Exception):
    """It was not registered, as far as the answer tells; `code` is for the row."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def message(key: str, cpr: str, said: Tree) -> bytes:
    """The bytes that register this look, under this idempotency key."""
    # An older version may have put the row in the queue, so nothing of it is taken for certain.
    flow = str(said.get("Source", {}).get("CorrelationId") or key)
    header = _dgws.Header(_dgws.Linking(_dgws.FlowID(flow), _dgws.MessageID(key)))
    body = _minlog(f"{OPERATION}Request", _minlog.Id(key), _minlog.PatientCpr(cpr), *_elements(said))
    envelope = _soap.Envelope(_soap.Header(header), _soap.Body(body))
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def reference(answer: bytes, key: str) -> str:
    """MinLog's own name of what it has registered; raises Refused for whatever does not say that it is ours.

    It is the peer's text: what does not look like a reference is kept as its hash.
    """
    body = _read(answer).find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1:
        raise Refused("minlog-not-understood")
    said = body[0]
    if said.tag == f"{{{SOAP}}}Fault":
        raise Refused(_fault(said))
    if said.tag != f"{{{MINLOG}}}{OPERATION}Response" or _text(said, "Status") not in REGISTERED:
        raise Refused("minlog-not-understood")
    if _text(said, "Id") != key:
        raise Refused("minlog-other-registration")
    return safe(_text(said, "Reference"), "correlation")


def _elements(tree: Tree) -> list[etree._Element]:
    made = []
    for name, value in tree.items():
        if isinstance(value, dict):
            made.append(_minlog(name, *_elements(value)))
        elif isinstance(value, str):
            made.append(_minlog(name, value))
        else:
            register, text = value
            made.append(_minlog(name, text, source=register))
    return made


def _read(raw: bytes) -> etree._Element:
    """The envelope; nothing is resolved or fetched for it, and a document with a DTD is refused whole."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\0" in raw:
        raise Refused("minlog-not-understood")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("minlog-not-understood") from None
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Refused("minlog-not-understood")
    return root


def _fault(fault: etree._Element) -> str:
    """The service's own code as ours, from where DGWS has it or SOAP itself: minlog-not-authorized."""
    told = (fault.findtext("detail/{*}FaultCode"), fault.findtext("faultcode"))
    codes = [(code or "").rpartition(":")[2].strip().lower() for code in told]
    found = next((code for code in codes if code in FAULTS), "fault")
    return f"minlog-{found.replace('_', '-')}"


def _text(told: etree._Element, name: str) -> str:
    return (told.findtext(f"{{{MINLOG}}}{name}") or "").strip()
