"""What the people behind ids are called, for those who may know (access.matrix.shows_names)."""

from collections.abc import Iterable
from uuid import UUID

from access.models import Role, User


def staff(users: Iterable[UUID]) -> dict[UUID, str]:
    """Those of them who are at work here: Læge Anna Holm."""
    found = User.objects.filter(pk__in=set(users)).exclude(role=Role.CITIZEN)
    return {user.pk: user.display_name for user in found}
