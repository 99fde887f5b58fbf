"""Reads the body of a request within its limits; nothing is read before the sender is known."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import IO, Any, cast

from django.conf import settings
from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from fhir import large_blobs
from fhir.bundle import Rejected

CHUNK = 1 << 18
GZIP = 31
"""zlib's window bits for a gzip header and nothing else."""
CUT = "Forsendelsen er afbrudt: der kom færre bytes end lovet."
GZIP_CUT = "Forsendelsens gzip er afbrudt eller efterfulgt af andet."


@dataclass(frozen=True)
class Body:
    """What was sent: the bytes after any decompression, their sha256, and their format."""

    raw: bytes
    sha256: str
    content_type: str
    size: int
    is_kept: bool = False
    """Too large for memory: the bytes are in private storage already, and `raw` is empty."""


class TooLarge(APIException):
    """413: more bytes than we take, as sent or unpacked."""

    status_code = 413
    default_code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Dokumentet fylder mere end de tilladte {limit} bytes.")


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
        return self.read(parts(request, self.limit))

    @property
    def limit(self) -> int:
        """Bytes, also after decompression."""
        return int(settings.FHIR_MAX_BODY)

    def read(self, pieces: Iterator[bytes]) -> Body:
        """The Body of what comes in pieces."""
        if not (raw := b"".join(pieces)):
            raise Rejected("Forsendelsen er tom.")
        return Body(raw, hashlib.sha256(raw).hexdigest(), str(self.media_type), len(raw))


class FhirJsonParser(FhirParser):
    """application/fhir+json."""

    media_type = "application/fhir+json"


class LargeJsonParser(FhirJsonParser):
    """JSON that may be a whole night's reports: what is too large for memory goes straight to private storage."""

    @property
    def limit(self) -> int:
        return int(settings.FHIR_MAX_DELIVERY)

    def read(self, pieces: Iterator[bytes]) -> Body:
        """The Body; only what FHIR_MAX_BODY allows is held in memory."""
        held, size = [], 0
        while size <= settings.FHIR_MAX_BODY and (piece := next(pieces, b"")):
            held.append(piece)
            size += len(piece)
        if size <= settings.FHIR_MAX_BODY:
            return super().read(iter(held))
        sha256, size = hashlib.sha256(), 0
        with large_blobs.Draft() as draft:
            for piece in chain(held, pieces):
                size += len(piece)
                sha256.update(piece)
                draft.write(piece)
            held.clear()
            draft.keep(sha256.hexdigest())
        return Body(b"", sha256.hexdigest(), str(self.media_type), size, is_kept=True)


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


def parts(request: Request, limit: int) -> Iterator[bytes]:
    """The bytes after Content-Encoding, at most `limit` of them, sent or unpacked: a bomb is stopped there."""
    size, pieces = 0, _sent(request, limit)
    for piece in _unpacked(pieces, request.META.get("HTTP_CONTENT_ENCODING", "")):
        size += len(piece)
        if size > limit:
            raise TooLarge(limit)
        if piece:
            yield piece


def _sent(request: Request, limit: int) -> Iterator[bytes]:
    environ = request.META
    length = environ.get("CONTENT_LENGTH") or ""
    try:
        if length:
            if not length.isdecimal() or int(length) > limit:
                raise TooLarge(limit)
            rest = int(length)
            while rest:
                piece = bytes(request._request.read(min(CHUNK, rest)))
                if not piece:
                    raise Rejected(CUT)  # a server may give a broken connection as an early end
                rest -= len(piece)
                yield piece
        elif "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
            while piece := environ["wsgi.input"].read(CHUNK):
                yield piece
    except UnreadablePostError as error:
        raise Rejected(CUT) from error


def _unpacked(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            yield from pieces
        case "gzip" | "x-gzip":
            unpacker = zlib.decompressobj(GZIP)
            try:
                for piece in pieces:
                    if unpacker.eof:
                        raise Rejected(GZIP_CUT)
                    while piece:
                        yield unpacker.decompress(piece, CHUNK)
                        piece = unpacker.unconsumed_tail
            except zlib.error:
                raise Rejected("Forsendelsens gzip kan ikke pakkes ud.") from None
            if not unpacker.eof or unpacker.unused_data:
                raise Rejected(GZIP_CUT)
        case _:
            raise UnsupportedMediaType(encoding, "Content-Encoding skal være gzip eller udelades.")
