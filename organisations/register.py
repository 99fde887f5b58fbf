"""Looks organisations up by SOR number."""

from collections.abc import Iterable

from django.db import connection

from organisations.models import Organisation


def lookup(sor: str) -> Organisation | None:
    """The organisation, or None: an unknown SOR number is accepted and shown as "SOR <number>"."""
    return Organisation.objects.filter(sor=sor).first()


def below(sor: str) -> set[str]:
    """The numbers of all units that belong under this one, at any depth; not its own."""
    found: set[str] = set()
    level = {sor}
    while level:
        told = Organisation.objects.filter(parent_sor__in=level).values_list("sor", flat=True)
        level = set(told) - found - {sor}
        found |= level
    return found


def lookup_many(sors: Iterable[str]) -> dict[str, Organisation]:
    """Several at once, by number."""
    return Organisation.objects.in_bulk({sor for sor in sors if sor})


BELOW = """
WITH RECURSIVE units AS (
    SELECT unnest(%s::text[]) AS sor
    UNION SELECT o.sor FROM organisations_organisation o JOIN units ON o.parent_sor = units.sor
) SELECT sor FROM units
"""


def with_sub_units(sors: Iterable[str]) -> frozenset[str]:
    """These organisations and all units below them, at every depth, in one query; a circle ends itself."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [sorted(sors)])
        return frozenset(sor for (sor,) in cursor.fetchall())
