"""Every event of the product: its codes, and its Danish words."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.event import Facts, Shape
from audit.resource import DCM, IHE_EVENT, OURS, REST_EVENT, REST_SUBTYPE


class Action(StrEnum):
    """What can happen; the value is what the table stores, and never changes its meaning."""

    EKG_FOLDER_VIEWED = "ekg_folder.viewed"
    EKG_RECORDING_VIEWED = "ekg_recording.viewed"
    EKG_IMAGE_FETCHED = "ekg_image.fetched"
    EKG_ORIGINAL_OPENED = "ekg_original.opened"
    EKG_PRINTED = "ekg.printed"
    EKG_PDF_ASKED = "ekg_pdf.asked"
    EKG_PDF_AWAITED = "ekg_pdf.awaited"
    EKG_PDF_MADE = "ekg_pdf.made"
    EKG_PDF_FETCHED = "ekg_pdf.fetched"
    EKG_RECEIVED = "ekg.received"
    EKG_STORED = "ekg.stored"
    EKG_REJECTED = "ekg.rejected"
    EKG_REPLACED = "ekg.replaced"
    EKG_WITHDRAWN = "ekg.withdrawn"
    EKG_METADATA_UPDATED = "ekg_metadata.updated"
    EKG_PREVIEW_MADE = "ekg_preview.made"
    EKG_PRINTED_CPR_DIFFERS = "ekg_printed_cpr.differs"
    EKG_CUSTODY_HIDDEN = "ekg_custody.hidden"
    EKG_CUSTODY_SHOWN = "ekg_custody.shown"
    EOJ_PULLED = "eoj.pulled"
    EOJ_STORED = "eoj.stored"
    EOJ_VIEWED = "eoj.viewed"
    FSIII_IMPORTED = "fsiii.imported"
    OVERVIEW_VIEWED = "overview.viewed"
    DOCUMENT_RECEIVED = "document.received"
    DOCUMENT_REPEATED = "document.repeated"
    DOCUMENT_STORED = "document.stored"
    DOCUMENT_REJECTED = "document.rejected"
    DOCUMENT_GIVEN_UP = "document.given_up"
    DOCUMENT_DAMAGED = "document.damaged"
    METADATA_UPDATED = "metadata.updated"
    QUARANTINE_RETRIED = "quarantine.retried"
    SENDER_REFUSED = "sender.refused"
    SOR_IMPORTED = "sor.imported"
    LAUNCH_TICKET_ISSUED = "launch_ticket.issued"
    LAUNCH_TICKET_REFUSED = "launch_ticket.refused"
    LAUNCH_TICKET_SPENT = "launch_ticket.spent"
    LAUNCH_OPENED = "launch.opened"
    LAUNCH_REFUSED = "launch.refused"
    CONTEXT_OPENED = "context.opened"
    CONTEXT_CLOSED = "context.closed"
    LOOKUP_OPENED = "lookup.opened"
    RELATION_ASKED = "relation.asked"
    CASE_OPENED = "case.opened"
    CASE_VIEWED = "case.viewed"
    CASE_ANSWERED = "case.answered"
    REVIEW_DRAWN = "review.drawn"
    REVIEW_VIEWED = "review.viewed"
    REVIEW_LOOKUP_VIEWED = "review_lookup.viewed"
    REVIEW_LOOKUP_MARKED = "review_lookup.marked"
    REVIEW_CLOSED = "review.closed"
    REVIEW_REPORT_FETCHED = "review_report.fetched"
    ACCESS_REFUSED = "access.refused"
    OVERRIDE_CONSIDERED = "override.considered"
    OVERRIDE_STARTED = "override.started"
    OVERRIDE_STOPPED = "override.stopped"
    CPR_REVEALED = "cpr.revealed"
    LOG_VIEWED = "log.viewed"
    OWN_LOOKS_VIEWED = "own_looks.viewed"
    SIGNED_IN = "user.signed_in"
    SIGN_IN_FAILED = "user.sign_in_failed"
    SIGNED_OUT = "user.signed_out"
    ADMIN_VIEWED = "admin.viewed"
    ADMIN_SEARCHED = "admin.searched"
    ADMIN_CHANGED = "admin.changed"
    AUDIT_VIEWED = "audit.viewed"
    AUDIT_SEARCHED = "audit.searched"
    AUDIT_DROPPED = "audit.dropped"
    AUDIT_HELD = "audit.held"
    AUDIT_RELEASED = "audit.released"
    MINLOG_RETRIED = "minlog.retried"


REST = (REST_EVENT, "rest")
ALERT = (DCM, "110113")


def _rest(interaction: str, crud: str, shape: Shape, *ihe: str) -> Facts:
    subtypes = ((REST_SUBTYPE, interaction), *((IHE_EVENT, transaction) for transaction in ihe))
    return Facts(REST, subtypes, crud, shape)  # type: ignore[arg-type]


READ_DOCUMENT = _rest("read", "R", Shape.READ, "ITI-68")
READ = _rest("read", "R", Shape.READ)
SEARCH = _rest("search-type", "E", Shape.QUERY)
CREATE = _rest("create", "C", Shape.CREATE)
UPDATE = _rest("update", "U", Shape.UPDATE)
OPERATION = _rest("operation", "E", Shape.UPDATE)
SECURITY = Facts(ALERT, (), "E", Shape.SECURITY)
IMPORTED = Facts((DCM, "110107"), (), "C", Shape.SYSTEM)
RETENTION = (f"{OURS}:event-type", "retention")
WORKED = Facts((DCM, "110100"), (), "E", Shape.SYSTEM)
LOG_READ = Facts((DCM, "110101"), (), "R", Shape.SECURITY)
LOG_USED = Facts((DCM, "110101"), (), "E", Shape.SECURITY)

FACTS: dict[Action, Facts] = {
    Action.EKG_FOLDER_VIEWED: _rest("search-type", "E", Shape.QUERY, "ITI-67"),
    Action.EKG_RECORDING_VIEWED: READ_DOCUMENT,
    Action.EKG_IMAGE_FETCHED: READ_DOCUMENT,
    Action.EKG_ORIGINAL_OPENED: READ_DOCUMENT,
    Action.EKG_PRINTED: READ_DOCUMENT,
    Action.EKG_PDF_ASKED: READ_DOCUMENT,
    Action.EKG_PDF_AWAITED: READ,
    Action.EKG_PDF_MADE: WORKED,
    Action.EKG_PDF_FETCHED: READ_DOCUMENT,
    Action.EKG_RECEIVED: CREATE,
    Action.EKG_STORED: IMPORTED,
    Action.EKG_REJECTED: CREATE,
    Action.EKG_REPLACED: IMPORTED,
    Action.EKG_WITHDRAWN: UPDATE,
    Action.EKG_METADATA_UPDATED: UPDATE,
    Action.EKG_PREVIEW_MADE: WORKED,
    Action.EKG_PRINTED_CPR_DIFFERS: WORKED,
    Action.EKG_CUSTODY_HIDDEN: UPDATE,
    Action.EKG_CUSTODY_SHOWN: UPDATE,
    Action.EOJ_PULLED: WORKED,
    Action.EOJ_STORED: IMPORTED,
    Action.EOJ_VIEWED: SEARCH,
    Action.FSIII_IMPORTED: IMPORTED,
    Action.OVERVIEW_VIEWED: SEARCH,
    Action.DOCUMENT_RECEIVED: CREATE,
    Action.DOCUMENT_REPEATED: CREATE,
    Action.DOCUMENT_STORED: IMPORTED,
    Action.DOCUMENT_REJECTED: CREATE,
    Action.DOCUMENT_GIVEN_UP: WORKED,
    Action.DOCUMENT_DAMAGED: SECURITY,
    Action.METADATA_UPDATED: UPDATE,
    Action.QUARANTINE_RETRIED: OPERATION,
    Action.SENDER_REFUSED: SECURITY,
    Action.SOR_IMPORTED: IMPORTED,
    Action.LAUNCH_TICKET_ISSUED: SECURITY,
    Action.LAUNCH_TICKET_REFUSED: SECURITY,
    Action.LAUNCH_TICKET_SPENT: SECURITY,
    Action.LAUNCH_OPENED: SECURITY,
    Action.LAUNCH_REFUSED: SECURITY,
    Action.CONTEXT_OPENED: SECURITY,
    Action.CONTEXT_CLOSED: SECURITY,
    Action.LOOKUP_OPENED: SECURITY,
    Action.RELATION_ASKED: SECURITY,
    Action.CASE_OPENED: SECURITY,
    Action.CASE_VIEWED: READ,
    Action.CASE_ANSWERED: UPDATE,
    Action.REVIEW_DRAWN: LOG_USED,
    Action.REVIEW_VIEWED: LOG_READ,
    Action.REVIEW_LOOKUP_VIEWED: LOG_READ,
    Action.REVIEW_LOOKUP_MARKED: UPDATE,
    Action.REVIEW_CLOSED: UPDATE,
    Action.REVIEW_REPORT_FETCHED: LOG_READ,
    Action.ACCESS_REFUSED: SECURITY,
    Action.OVERRIDE_CONSIDERED: SECURITY,
    Action.OVERRIDE_STARTED: Facts(ALERT, ((DCM, "110127"),), "E", Shape.SECURITY),
    Action.OVERRIDE_STOPPED: Facts(ALERT, ((DCM, "110138"),), "E", Shape.SECURITY),
    Action.CPR_REVEALED: READ,
    Action.LOG_VIEWED: LOG_READ,
    Action.OWN_LOOKS_VIEWED: LOG_READ,
    Action.SIGNED_IN: Facts((DCM, "110114"), ((DCM, "110122"),), "E", Shape.SECURITY),
    Action.SIGN_IN_FAILED: Facts((DCM, "110114"), ((DCM, "110122"),), "E", Shape.SECURITY),
    Action.SIGNED_OUT: Facts((DCM, "110114"), ((DCM, "110123"),), "E", Shape.SECURITY),
    Action.ADMIN_VIEWED: READ,
    Action.ADMIN_SEARCHED: SEARCH,
    Action.ADMIN_CHANGED: UPDATE,
    Action.AUDIT_VIEWED: LOG_READ,
    Action.AUDIT_SEARCHED: LOG_USED,
    Action.AUDIT_DROPPED: Facts(RETENTION, (), "D", Shape.SYSTEM),
    Action.AUDIT_HELD: Facts(RETENTION, (), "U", Shape.SYSTEM),
    Action.AUDIT_RELEASED: Facts(RETENTION, (), "U", Shape.SYSTEM),
    Action.MINLOG_RETRIED: OPERATION,
}

WORDS: dict[Action, str | Promise] = {
    Action.EKG_FOLDER_VIEWED: _("Fik vist listen over EKG'er"),
    Action.EKG_RECORDING_VIEWED: _("Fik vist EKG"),
    Action.EKG_IMAGE_FETCHED: _("Fik EKG-billede forhåndshentet"),
    Action.EKG_ORIGINAL_OPENED: _("Åbnede original-PDF"),
    Action.EKG_PRINTED: _("Udskrev EKG"),
    Action.EKG_PDF_ASKED: _("Bestilte EKG som PDF"),
    Action.EKG_PDF_AWAITED: _("Ventede på EKG som PDF"),
    Action.EKG_PDF_MADE: _("Lavede PDF af EKG"),
    Action.EKG_PDF_FETCHED: _("Hentede EKG som PDF"),
    Action.EKG_RECEIVED: _("Modtog EKG"),
    Action.EKG_STORED: _("Gemte EKG"),
    Action.EKG_REJECTED: _("Afviste EKG"),
    Action.EKG_REPLACED: _("Erstattede EKG"),
    Action.EKG_WITHDRAWN: _("Trak EKG tilbage"),
    Action.EKG_METADATA_UPDATED: _("Ændrede oplysninger om EKG"),
    Action.EKG_PREVIEW_MADE: _("Dannede billeder af EKG"),
    Action.EKG_PRINTED_CPR_DIFFERS: _("Fandt et andet CPR-nummer på EKG-arket"),
    Action.EKG_CUSTODY_HIDDEN: _("Skjulte EKG for forældremyndighedsindehavere"),
    Action.EKG_CUSTODY_SHOWN: _("Viste EKG for forældremyndighedsindehavere igen"),
    Action.EOJ_PULLED: _("Hentede kommunale rapporter"),
    Action.EOJ_STORED: _("Gemte kommunal rapport"),
    Action.EOJ_VIEWED: _("Så kommunale data"),
    Action.FSIII_IMPORTED: _("Indlæste FSIII-katalog"),
    Action.OVERVIEW_VIEWED: _("Så oversigten"),
    Action.DOCUMENT_RECEIVED: _("Modtog dokument"),
    Action.DOCUMENT_REPEATED: _("Modtog samme dokument igen"),
    Action.DOCUMENT_STORED: _("Gemte dokument"),
    Action.DOCUMENT_REJECTED: _("Afviste dokument"),
    Action.DOCUMENT_GIVEN_UP: _("Opgav at behandle dokument"),
    Action.DOCUMENT_DAMAGED: _("Fandt beskadiget dokument"),
    Action.METADATA_UPDATED: _("Ændrede oplysninger om dokument"),
    Action.QUARANTINE_RETRIED: _("Satte dokument til ny behandling"),
    Action.SENDER_REFUSED: _("Afviste afsender"),
    Action.SOR_IMPORTED: _("Indlæste SOR-register"),
    Action.LAUNCH_TICKET_ISSUED: _("Udstedte adgangsbillet"),
    Action.LAUNCH_TICKET_REFUSED: _("Afviste at udstede adgangsbillet"),
    Action.LAUNCH_TICKET_SPENT: _("Brugte adgangsbillet"),
    Action.LAUNCH_OPENED: _("Åbnede journal fra journalsystem"),
    Action.LAUNCH_REFUSED: _("Afviste åbning fra journalsystem"),
    Action.CONTEXT_OPENED: _("Åbnede journal som borger"),
    Action.CONTEXT_CLOSED: _("Lukkede journal"),
    Action.LOOKUP_OPENED: _("Åbnede journal ved opslag på CPR-nummer"),
    Action.RELATION_ASKED: _("Spurgte efter behandlingsrelation"),
    Action.CASE_OPENED: _("Oprettede sag til logkontrol"),
    Action.CASE_VIEWED: _("Læste sag i logkontrollen"),
    Action.CASE_ANSWERED: _("Besvarede sag i logkontrollen"),
    Action.REVIEW_DRAWN: _("Trak en uge til gennemgang"),
    Action.REVIEW_VIEWED: _("Så opslagene i en gennemgang"),
    Action.REVIEW_LOOKUP_VIEWED: _("Så et opslag i en gennemgang"),
    Action.REVIEW_LOOKUP_MARKED: _("Markerede et opslag i en gennemgang"),
    Action.REVIEW_CLOSED: _("Afsluttede en gennemgang"),
    Action.REVIEW_REPORT_FETCHED: _("Hentede rapporten om en gennemgang"),
    Action.ACCESS_REFUSED: _("Afviste adgang"),
    Action.OVERRIDE_CONSIDERED: _("Så siden om værdispring"),
    Action.OVERRIDE_STARTED: _("Begyndte værdispring"),
    Action.OVERRIDE_STOPPED: _("Afsluttede værdispring"),
    Action.LOG_VIEWED: _("Så, hvem der har set borgerens data"),
    Action.OWN_LOOKS_VIEWED: _("Så egne opslag"),
    Action.CPR_REVEALED: _("Viste fuldt CPR-nummer"),
    Action.SIGNED_IN: _("Loggede ind"),
    Action.SIGN_IN_FAILED: _("Kunne ikke logge ind"),
    Action.SIGNED_OUT: _("Loggede ud"),
    Action.ADMIN_VIEWED: _("Så række i administrationen"),
    Action.ADMIN_SEARCHED: _("Så liste i administrationen"),
    Action.ADMIN_CHANGED: _("Ændrede række i administrationen"),
    Action.AUDIT_VIEWED: _("Åbnede række i loggen"),
    Action.AUDIT_SEARCHED: _("Så loggen"),
    Action.AUDIT_DROPPED: _("Slettede en udløbet måned af loggen"),
    Action.AUDIT_HELD: _("Bestemte, at en måned af loggen bevares"),
    Action.AUDIT_RELEASED: _("Ophævede bevaringen af en måned af loggen"),
    Action.MINLOG_RETRIED: _("Sendte opslag til MinLog igen"),
}


def words(action: str) -> str:
    """The Danish words of a stored action; an action of a later version is shown by its code."""
    try:
        return str(WORDS[Action(action)])
    except ValueError:
        return action
