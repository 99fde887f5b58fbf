"""Reads the body of a request within its limits; nothing is read before the sender is known."""

import hashlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, cast

from django.conf import settings
from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from fhir.bundle import Rejected

CHUNK = 1 << 18
GZIP = 31
"""zlib's window bits for a gzip header and nothing else."""
CUT = "Forsendelsen er afbrudt: der kom færre bytes end lovet."


@dataclass(frozen=True)
class Body:
    """What was sent: the bytes after any decompression, their sha256, and their format."""

    raw: bytes
    sha256: str
    content_type: str


class TooLarge(APIException):
    """413: more bytes than we take, as sent or unpacked."""

    status_code = 413
    default_code = "too-large"

    def __init__(self) -> None:
        super().__init__(f"Dokumentet fylder mere end de tilladte {settings.FHIR_MAX_BODY} bytes.")


class FhirParser(BaseParser):
    """Takes the bytes as they are: they are parsed only when no earlier delivery has answered for them."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The Body of the request; raises TooLarge, UnsupportedMediaType or Rejected."""
        request: Request = parser_context["request"]
        parameters = dict(
            part.strip().lower().split("=", 1) for part in (media_type or "").split(";")[1:] if "=" in part
        )
        if parameters.get("charset", "utf-8").strip('"') not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type or "", "Tegnsættet skal være UTF-8.")
        if not parameters.get("fhirversion", "4.0").strip('"').startswith("4.0"):
            raise UnsupportedMediaType(media_type or "", "Kun FHIR R4 (4.0) modtages.")
        raw = unpacked(sent(request), request.META.get("HTTP_CONTENT_ENCODING", ""))
        if not raw:
            raise Rejected("Forsendelsen er tom.")
        return Body(raw, hashlib.sha256(raw).hexdigest(), str(self.media_type))


class FhirJsonParser(FhirParser):
    """application/fhir+json."""

    media_type = "application/fhir+json"


class FhirXmlParser(FhirParser):
    """application/fhir+xml."""

    media_type = "application/fhir+xml"


def body_of(request: Request) -> Body:
    """The body by the parser that its Content-Type asks for; `request.data` would skip a chunked body."""
    media = (request.content_type or "").partition(";")[0].strip().lower()
    parser = next((each for each in request.parsers or () if each.media_type == media), None)
    if parser is None:
        wanted = "Send application/fhir+json eller application/fhir+xml."
        raise UnsupportedMediaType(request.content_type or "", wanted)
    return cast(Body, parser.parse(request.stream or BytesIO(), request.content_type, {"request": request}))


def sent(request: Request) -> bytes:
    """The bytes on the wire, at most FHIR_MAX_BODY of them."""
    limit, environ = settings.FHIR_MAX_BODY, request.META
    length = environ.get("CONTENT_LENGTH") or ""
    try:
        if length:
            if not length.isdecimal() or int(length) > limit:
                raise TooLarge
            raw = bytes(request._request.read(int(length)))
            if len(raw) != int(length):
                raise Rejected(CUT)  # a server may give a broken connection as an early end
            return raw
        if "HTTP_TRANSFER_ENCODING" not in environ or not environ.get("wsgi.input_terminated"):
            return b""
        parts: list[bytes] = []
        while part := environ["wsgi.input"].read(CHUNK):
            parts.append(part)
            if sum(map(len, parts)) > limit:
                raise TooLarge
        return b"".join(parts)
    except UnreadablePostError as error:
        raise Rejected(CUT) from error


def unpacked(raw: bytes, encoding: str) -> bytes:
    """The bytes after Content-Encoding; a bomb is stopped at FHIR_MAX_BODY."""
    match encoding.strip().lower():
        case "" | "identity":
            return raw
        case "gzip" | "x-gzip":
            unpacker = zlib.decompressobj(GZIP)
            try:
                data = unpacker.decompress(raw, settings.FHIR_MAX_BODY + 1)
            except zlib.error:
                raise Rejected("Forsendelsens gzip kan ikke pakkes ud.") from None
            if len(data) > settings.FHIR_MAX_BODY:
                raise TooLarge
            if not unpacker.eof or unpacker.unused_data:
                raise Rejected("Forsendelsens gzip er afbrudt eller efterfulgt af andet.")
            return data
        case _:
            raise UnsupportedMediaType(encoding, "Content-Encoding skal være gzip eller udelades.")
