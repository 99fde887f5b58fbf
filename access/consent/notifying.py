"""Every override is a case for the log controllers."""

import logging
from uuid import UUID

from access.models import Override

log = logging.getLogger(__name__)


def tell_controller(override: Override, event: UUID) -> None:
    """Say that one has begun, in the transaction of its event: the row stands in the controllers' list of overrides."""
    log.warning("%s started on the ground %s, event %s", override.ref, override.ground, event)
