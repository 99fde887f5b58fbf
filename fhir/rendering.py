"""Writes our answers in the format that was asked for, otherwise in the one the request came in."""

from collections.abc import Iterable
from typing import Any, cast

import orjson
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from fhir.writing import to_xml

ALIASES = {
    "application/json": "application/fhir+json",
    "text/json": "application/fhir+json",
    "json": "application/fhir+json",
    "application/xml": "application/fhir+xml",
    "text/xml": "application/fhir+xml",
    "xml": "application/fhir+xml",
}
"""FHIR R4 http.html §3.1.0.1.11: the plain types, and the short words of _format, mean the FHIR ones."""


class FhirJsonRenderer(BaseRenderer):
    """An answer is a tree, or text that is JSON already: a repeat gets the very bytes of the first answer."""

    media_type, format, charset = "application/fhir+json", "json", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data.encode() if isinstance(data, str) else orjson.dumps(data)


class FhirXmlRenderer(BaseRenderer):
    """The same tree as XML."""

    media_type, format, charset = "application/fhir+xml", "xml", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return to_xml(orjson.loads(data) if isinstance(data, str) else data)


class FhirNegotiation(DefaultContentNegotiation):
    """`_format` wins over Accept; `*/*` or nothing means the format of the request."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if "xml" in (request.content_type or ""):
            renderers = sorted(renderers, key=lambda renderer: renderer.format != "xml")
        return cast(tuple[BaseRenderer, str], super().select_renderer(request, renderers, format_suffix))

    def get_accept_list(self, request: Request) -> list[str]:
        asked = request.query_params.get("_format", "").replace(" ", "+")
        said = [asked] if asked else super().get_accept_list(request)
        return [ALIASES.get(each.partition(";")[0].strip().lower(), each) for each in said]
