"""Every override is a case for the log controllers."""

import logging

from access.models import Override

log = logging.getLogger(__name__)


def tell_controller(override: Override) -> None:
    """Say that one has begun, in its own transaction: the row stands in the controllers' list of overrides."""
    log.warning("override.started %s ground=%s", override.ref, override.ground)
