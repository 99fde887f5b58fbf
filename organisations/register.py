"""Looks organisations up by SOR number."""

from collections.abc import Iterable

from organisations.models import Organisation


def lookup(sor: str) -> Organisation | None:
    """The organisation, or None: an unknown SOR number is accepted and shown as "SOR <number>"."""
    return Organisation.objects.filter(sor=sor).first()


def lookup_many(sors: Iterable[str]) -> dict[str, Organisation]:
    """Several at once, by number."""
    return Organisation.objects.in_bulk({sor for sor in sors if sor})
