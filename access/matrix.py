"""Who may open which part of a launched patient's record: one table, deny by default (design: authorisation matrix).

Assistants need the responsible person that the login will carry, and municipal staff see EKGs only where a controller
has decided so: neither is told to us yet, so neither opens anything.
"""

from collections.abc import Mapping

from access.models import Role

OPENS_RECORDS: Mapping[str, bool] = {
    Role.CLINICIAN: True,
    Role.ASSISTANT: False,
    Role.MUNICIPAL: False,
    Role.LOG_CONTROLLER: False,
    Role.OPERATOR: False,
}


def opens_records(role: str) -> bool:
    """Whether this role may open the record of a patient it was launched with; an unknown role may not."""
    return OPENS_RECORDS.get(role, False)
