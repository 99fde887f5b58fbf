"""The door's addresses below /fhir; whoever asks for them says which kinds of document come in, and who users are."""

from collections.abc import Sequence

from django.urls import URLPattern, path

from fhir.api import Deliver, Metadata, Nothing, Put, Transaction
from fhir.bundle import Kind
from fhir.log.api import Identify, One, PostedSearch, Search, nobody


def urls(kinds: Sequence[Kind], identify: Identify = nobody) -> list[URLPattern]:
    """The patterns that stand after "fhir"; `identify` knows users by their identifier, for searches in the log."""
    return [
        path("", Transaction.as_view(kinds=kinds), name="transaction"),
        path("/", Transaction.as_view(kinds=kinds), name="transaction-slash"),
        path("/Bundle", Deliver.as_view(kinds=kinds), name="document"),
        path("/Bundle/<str:address>", Put.as_view(kinds=kinds), name="report"),
        path("/AuditEvent", Search.as_view(identify=identify), name="log"),
        path("/AuditEvent/_search", PostedSearch.as_view(identify=identify), name="log-search"),
        path("/AuditEvent/<str:event_id>", One.as_view(), name="log-event"),
        path("/metadata", Metadata.as_view(kinds=kinds), name="metadata"),
        path("/<path:elsewhere>", Nothing.as_view(), name="nothing"),
    ]
