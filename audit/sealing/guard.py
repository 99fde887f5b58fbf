"""The rollback guard of the servers (I9): in a database that was set back the sequencer refuses to go on; they say so.

They go on answering: what is seen is recorded all the same, and a record that cannot be opened may harm somebody.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import Error, connection
from django.utils.translation import gettext as _

from audit.sealing import signing, store
from audit.sealing.publishing import Folder

log = logging.getLogger("audit.sealing")


def set_back() -> str:
    """The alarm when the database knows fewer rows than were published, or lacks its copies; "" when all is well."""
    folder = Folder(settings.AUDIT_PUBLISH)
    outside = folder.newest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_checkpoint') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return signing.rolled_back(outside, 0) if outside else ""
        cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 2")
        signed = cursor.fetchall()
    if outside is not None:
        here = signed[0][0] if signed else 0
        return signing.rolled_back(outside, here) if here < outside else ""
    origin = store.origin(signed[0][1]) if signed else ""
    if not signed or signing.just_begun(folder, origin, len(signed)) or signing.begun_anew(folder, origin):
        return ""
    return signing.no_copies()


def at_start() -> None:
    """Once in every web process: the alarm stands in its log before it answers anybody."""
    try:
        if alarm := set_back():
            log.error(alarm)
    except (Error, OSError) as error:
        log.warning("the log's age could not be checked: %s", type(error).__name__)
    finally:
        connection.close()


def check(app_configs: Any = None, databases: Sequence[str] | None = None, **told: Any) -> list[checks.CheckMessage]:
    """The same for `manage.py check --database default`, which a deployment runs before it lets anybody in."""
    if not databases or "default" not in databases:
        return []
    try:
        alarm = set_back()
    except (Error, OSError) as error:
        return [checks.Warning(_("Loggens alder kan ikke efterprøves: %s.") % type(error).__name__, id="audit.W001")]
    return [checks.Error(alarm, id="audit.E001")] if alarm else []
