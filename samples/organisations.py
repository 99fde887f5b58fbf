"""The invented health service of the samples: who records EKGs and who reports care, with their SOR codes. Pure.

The SOR codes belong to no one: 15 digits, all beginning 999. Types are SNOMED CT facility codes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

HOSPITAL = ("22232009", "hospital")
GENERAL_PRACTICE = ("394761003", "almen lægepraksis")
SPECIALIST = ("550671000005100", "speciallægepraksis")
MUNICIPALITY = ("547211000005108", "kommune")
OUT_OF_HOURS = ("550661000005105", "lægevagt")

CARDIOLOGY = ("394579002", "kardiologi")
EMERGENCY = ("773568002", "akutmedicin")
CHILDREN = ("394537008", "pædiatri")
FAMILY_MEDICINE = ("408443003", "almen medicin")
HOME_NURSING = ("658161000005107", "hjemmesygepleje")

AARHUS, HORSENS, RANDERS = ("0751", "Aarhus"), ("0615", "Horsens"), ("0730", "Randers")
FAVRSKOV, SILKEBORG = ("0710", "Favrskov"), ("0740", "Silkeborg")


@dataclass(frozen=True)
class Organisation:
    """One line of the register, and the device that stands there."""

    id: str
    sor: str
    name: str
    type: tuple[str, str]
    municipality: tuple[str, str]
    speciality: tuple[str, str]
    parent: str = ""
    valid_from: str = "2010-01-01"
    valid_to: str = ""
    device: str = ""
    registered: bool = True
    """False: the SOR code is in no register we hold, so nobody can say what kind of place it is."""


def _sor(number: int) -> str:
    return f"999{number:012d}"


ORGANISATIONS = {
    o.id: o
    for o in (
        Organisation("oestfjord", _sor(110), "Østfjord Universitetshospital", HOSPITAL, AARHUS, CARDIOLOGY),
        Organisation(
            "hjerte", _sor(111), "Hjertesygdomme, Østfjord Universitetshospital", HOSPITAL, AARHUS, CARDIOLOGY,
            parent=_sor(110), device="Kardiograf TEST-0417",
        ),
        Organisation(
            "akut", _sor(112), "Akutafdelingen, Østfjord Universitetshospital", HOSPITAL, AARHUS, EMERGENCY,
            parent=_sor(110), device="Kardiograf TEST-0402",
        ),
        Organisation(
            "boern", _sor(113), "Børn og Unge, Østfjord Universitetshospital", HOSPITAL, AARHUS, CHILDREN,
            parent=_sor(110), device="Kardiograf TEST-0431",
        ),
        Organisation("nordbaek", _sor(120), "Regionshospitalet Nordbæk", HOSPITAL, HORSENS, EMERGENCY),
        Organisation(
            "nordbaek-akut", _sor(121), "Akutmodtagelsen, Regionshospitalet Nordbæk", HOSPITAL, HORSENS, EMERGENCY,
            parent=_sor(120), device="Kardiograf TEST-0093",
        ),
        Organisation(
            "nord", _sor(210), "Lægehuset Nord", GENERAL_PRACTICE, AARHUS, FAMILY_MEDICINE,
            device="Praksis-EKG TEST-2210",
        ),
        Organisation(
            "havnegade", _sor(220), "Lægerne i Havnegade", GENERAL_PRACTICE, HORSENS, FAMILY_MEDICINE,
            device="Praksis-EKG TEST-2304",
        ),
        Organisation(
            "syd", _sor(230), "Lægehuset Syd", GENERAL_PRACTICE, RANDERS, FAMILY_MEDICINE,
            device="Praksis-EKG TEST-2417",
        ),
        Organisation(
            "torvet", _sor(240), "Lægerne på Torvet", GENERAL_PRACTICE, AARHUS, FAMILY_MEDICINE,
            valid_to="2022-12-31", device="Praksis-EKG TEST-1988",
        ),
        Organisation(
            "soen", _sor(310), "Hjerteklinikken ved Søen", SPECIALIST, AARHUS, CARDIOLOGY, device="Klinik-EKG TEST-3102"
        ),
        Organisation(
            "vagt", _sor(410), "Lægevagten Østfjord", OUT_OF_HOURS, AARHUS, FAMILY_MEDICINE,
            device="Mobil-EKG TEST-4007",
        ),
        Organisation("aarhus", _sor(510), "Aarhus Kommune", MUNICIPALITY, AARHUS, HOME_NURSING),
        Organisation(
            "akutteam", _sor(511), "Kommunalt Akutteam, Aarhus Kommune", MUNICIPALITY, AARHUS, HOME_NURSING,
            parent=_sor(510), device="Mobil-EKG TEST-5120",
        ),
        Organisation("favrskov", _sor(520), "Favrskov Kommune", MUNICIPALITY, FAVRSKOV, HOME_NURSING),
        Organisation("horsens", _sor(530), "Horsens Kommune", MUNICIPALITY, HORSENS, HOME_NURSING),
        Organisation("randers", _sor(540), "Randers Kommune", MUNICIPALITY, RANDERS, HOME_NURSING),
        Organisation("silkeborg", _sor(550), "Silkeborg Kommune", MUNICIPALITY, SILKEBORG, HOME_NURSING),
        Organisation(
            "ukendt", _sor(901), "Sundhedsenheden Bakkegården", GENERAL_PRACTICE, AARHUS, FAMILY_MEDICINE,
            device="TEST-1102", registered=False,
        ),
        Organisation(
            "skibet", _sor(902), "Helseklinikken M/F Havlyd", GENERAL_PRACTICE, AARHUS, FAMILY_MEDICINE,
            device="TEST-7731", registered=False,
        ),
    )
}  # fmt: skip

COLUMNS = ("sor", "name", "type", "parent_sor", "municipality_code", "municipality", "valid_from", "valid_to")


def register(organisations: Iterable[Organisation] = ORGANISATIONS.values()) -> str:
    """The SOR extract as CSV with a header line, lines ending in a line feed."""
    rows = [COLUMNS] + [
        (o.sor, o.name, o.type[0], o.parent, *o.municipality, o.valid_from, o.valid_to)
        for o in organisations
        if o.registered
    ]
    return "".join(",".join(_cell(value) for value in row) + "\n" for row in rows)


def _cell(value: str) -> str:
    return f'"{value}"' if "," in value else value
