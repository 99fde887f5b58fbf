"""What a citizen has blocked (spærringer), asked at every request: who decides, and what the decision hides."""

from access.consent.decision import (
    DENY,
    PERMIT,
    Decision,
    Kind,
    NotAsked,
    Person,
    Professional,
    Question,
    Span,
    Unknown,
)

__all__ = ["DENY", "PERMIT", "Decision", "Kind", "NotAsked", "Person", "Professional", "Question", "Span", "Unknown"]
