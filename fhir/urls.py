"""The door's addresses below /fhir; whoever asks for them says which kinds of document may come in."""

from collections.abc import Sequence

from django.urls import URLPattern, path

from fhir.api import Deliver, Metadata, Nothing, Put, Transaction
from fhir.bundle import Kind


def urls(kinds: Sequence[Kind]) -> list[URLPattern]:
    """The patterns that stand after "fhir"."""
    return [
        path("", Transaction.as_view(kinds=kinds), name="transaction"),
        path("/", Transaction.as_view(kinds=kinds), name="transaction-slash"),
        path("/Bundle", Deliver.as_view(kinds=kinds), name="document"),
        path("/Bundle/<str:address>", Put.as_view(kinds=kinds), name="report"),
        path("/metadata", Metadata.as_view(kinds=kinds), name="metadata"),
        path("/<path:elsewhere>", Nothing.as_view(), name="nothing"),
    ]
