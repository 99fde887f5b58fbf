"""The sheet of each recording: its words, its curves, its pages, as one HTML document. Pure."""

from samples import drawing
from samples.drawing import Print
from samples.organisations import ORGANISATIONS
from samples.personas import MASK, PATIENTS
from samples.recordings import Recording
from samples.rhythm import signals

UNCONFIRMED = "Ubekræftet – apparatets egen tolkning"


def html(recording: Recording, fonts: str = "") -> str:
    """The whole printout; `fonts` is the address of the folder of font files."""
    if recording.paper == "two-pages":
        first = drawing.sheet(_words(recording, "Side 1 af 2"), signals(recording.heart, 10), drawing.THREE_BY_FOUR)
        second = drawing.sheet(
            _words(recording, "Side 2 af 2"), signals(recording.heart, 60), drawing.strips("II", 5, start=10)
        )
        return drawing.document([first, second], fonts)
    if recording.paper == "a5":
        layout, paper = drawing.six_by_two(3), drawing.A5
        return drawing.document(
            [drawing.sheet(_words(recording), signals(recording.heart, 10), layout, paper)], fonts, paper
        )
    layout = {
        "6x2": drawing.six_by_two(5),
        "6x2-fast": drawing.six_by_two(2.5),
    }.get(recording.paper, drawing.THREE_BY_FOUR)
    return drawing.document([drawing.sheet(_words(recording), signals(recording.heart, 10), layout)], fonts)


def _words(recording: Recording, page: str = "Side 1 af 1") -> Print:
    patient, place, heart = PATIENTS[recording.patient], ORGANISATIONS[recording.place], recording.heart
    sex = {"female": "Kvinde", "male": "Mand"}[patient.gender]
    return Print(
        person=(
            MASK if patient.protected else f"{patient.family.upper()}, {patient.given}",
            f"CPR {patient.cpr_dashed}",
            f"Født {patient.born:%d.%m.%Y}   {sex}   TESTPERSON",
        ),
        recording=(
            f"{recording.start:%d.%m.%Y  %H:%M}",
            "(enhed ikke angivet)"
            if recording.deviation == "no-organisation-name" or not place.registered
            else place.name,
            f"Apparat {place.device}",
        ),
        measured=(
            f"Frekvens  {heart.rate} /min",
            "PR  –" if heart.irregular else f"PR  {heart.pr * 1000:.0f} ms",
            f"QRS  {heart.qrs * 1000:.0f} ms",
            f"QT / QTc  {heart.qt * 1000:.0f} / {heart.qtc * 1000:.0f} ms",
        ),
        statement=(*recording.statement.split(". "), UNCONFIRMED),
        speed=50 if recording.paper == "6x2-fast" else 25,
        page=page,
    )
