"""A MinLog of the demo's own: registers what Sundhedsjournal tells of looks, and shows it as long as the EPJ runs."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from lxml import etree

SOAP, MINLOG = "http://schemas.xmlsoap.org/soap/envelope/", "urn:dk:nsp:minlog2:registration"
SHOWN = ("FromDateTime", "Activity", "UserPersonName", "PersonName", "OrganisationName", "Reason")
_registered: dict[str, list[str]] = {}
"""By idempotency key; in memory, since it is a demo."""


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Take one look in; one that is known is known, and nothing new."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        said = etree.fromstring(request.body, parser)
        key = str(UUID(said.findtext(f".//{{{MINLOG}}}Id") or ""))
    except (etree.XMLSyntaxError, ValueError):
        return HttpResponse(status=400)
    status = "already_registered" if key in _registered else "registered"
    _registered.setdefault(key, list(_fields(said)))
    answer = f"<m:Id>{key}</m:Id><m:Status>{status}</m:Status><m:Reference>demo-{len(_registered)}</m:Reference>"
    body = f"<s:Body><m:LogDataAddResponse>{answer}</m:LogDataAddResponse></s:Body>"
    envelope = f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MINLOG}">{body}</s:Envelope>'
    return HttpResponse(envelope, content_type="text/xml; charset=utf-8")


@require_GET
@never_cache
def shown(request: HttpRequest) -> HttpResponse:
    """What citizens would read at MinLog, newest first; whose it is, is not shown."""
    lines = [" · ".join(fields) for fields in reversed(_registered.values())]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _fields(said: etree._Element) -> Iterator[str]:
    for name in SHOWN:
        yield said.findtext(f".//{{{MINLOG}}}Destination/{{{MINLOG}}}{name}") or ""
