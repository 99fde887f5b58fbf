"""The floors: the least that any program of this kind must do. Nothing here imports the product."""

import base64
import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path


def minimal(request: HttpRequest) -> HttpResponse:
    """A view that does nothing, behind the same middleware as every page."""
    return HttpResponse("<!doctype html><title>.</title>")


@login_required(login_url="/minimal")
def file(request: HttpRequest) -> FileResponse:
    """A file behind login, with no trace of who read it."""
    return FileResponse(Path(os.environ["BENCH_FILE"]).open("rb"), content_type="application/pdf")


urlpatterns = [path("minimal", minimal), path("file", file)]


def read_and_hash(raw: bytes) -> str:
    """What judging a document cannot do without: parse, decode the payload, hash both."""
    tree = orjson.loads(raw)
    data = next(
        extension["valueAttachment"]["data"]
        for entry in tree["entry"]
        for extension in entry["resource"].get("extension", ())
        if "valueAttachment" in extension
    )
    return hashlib.sha256(raw).hexdigest() + hashlib.sha256(base64.b64decode(data)).hexdigest()


FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.gettempdir())


def write_and_sync(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application that makes the bytes of a request durable under a final name, and says 201."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
    name = FOLDER / uuid.uuid4().hex
    with name.with_suffix(".tmp").open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    name.with_suffix(".tmp").rename(name)
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    start_response("201 Created", [("Content-Length", "0")])
    return [b""]


BARE = Path(__file__).with_name("bare.html").read_bytes()


def pictures(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application of one page, and of endless headings and pictures: the files of a folder over and over."""
    body, kind, path = BARE, "text/html", environ["PATH_INFO"]
    if path.startswith("/picture/"):
        files = sorted(FOLDER.glob("*.webp"))
        body, kind = files[int(path.rpartition("/")[2]) % len(files)].read_bytes(), "image/webp"
    elif path.startswith("/heading/"):
        body, kind = path.rpartition("/")[2].encode(), "text/plain"
    said = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    start_response("200 OK", list(said.items()))
    return [body]
