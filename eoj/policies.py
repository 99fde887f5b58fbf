"""The law policy as it stands today: rows of a table that administrators keep."""

from datetime import date

from django.db.models import Q

from eoj.item import Area
from eoj.models import LawPolicy
from eoj.policy import AS, Audience, Leave, Policy


def policy_for(audience: Audience, today: date) -> Policy:
    """What the audience may see of each area on this day; of two rows that overlap the later one counts.

    Rows of its own go before those of the audience whose part it has.
    """
    asked = (audience, AS.get(audience, audience))
    valid = LawPolicy.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), audience__in=asked, valid_from__lte=today
    )
    rows = valid.order_by("valid_from").values_list("area", "audience", "leave")
    others = {Area(area): Leave(leave) for area, of, leave in rows if of != audience}
    return others | {Area(area): Leave(leave) for area, of, leave in rows if of == audience}
