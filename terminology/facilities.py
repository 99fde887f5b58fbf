"""Types of health-care facility. Pure.

Source: the value set of healthcareFacilityTypeCode in the Danish XDS metadata profile (SNOMED CT, Danish extension).
The type is never guessed from an organisation's name: it comes from the metadata or from the SOR register.
"""

from enum import StrEnum

HOSPITAL = "22232009"
GENERAL_PRACTICE = "394761003"


class Source(StrEnum):
    """Where a document was made, as the list filters it."""

    HOSPITAL = "hospital"
    PRACTICE = "praksis"
    OTHER = "andre"
    UNKNOWN = "ukendt"


NAMED = {HOSPITAL: Source.HOSPITAL, GENERAL_PRACTICE: Source.PRACTICE}
"""The facility types that have a source of their own."""
FACILITY_TYPES = {
    "550811000005108": "administrativ enhed",
    "557511000005107": "akupunkturklinik",
    "550871000005101": "akutmodtageenhed",
    "394761003": "almen lægepraksis",
    "264372000": "apotek",
    "557501000005109": "apoteksfilial",
    "554851000005102": "asylcenter",
    "557531000005103": "bandagistklinik",
    "20078004": "behandlingscenter for stofmisbrugere",
    "722173008": "behandlingsenhed i fængsel eller arresthus",
    "309964003": "billeddiagnostisk enhed",
    "554221000005108": "bosted",
    "56781000005109": "center for misbrugsbehandling",
    "557881000005104": "COVID-19-testenhed",
    "554031000005103": "diætistklinik",
    "557891000005101": "enhed for aktivitetstilbud",
    "546821000005103": "ergoterapiklinik",
    "702871004": "fertilitetsklinik",
    "554061000005105": "fodterapeutklinik",
    "557901000005102": "forebyggende hjemmebesøgsenhed",
    "550861000005106": "fysioterapi- og ergoterapiklinik",
    "547011000005103": "fysioterapiklinik",
    "546811000005109": "genoptræningsenhed",
    "554881000005108": "handicap- og psykiatrienhed",
    "554861000005100": "handicapenhed",
    "554821000005109": "hjemmeplejeenhed",
    "550621000005101": "hjemmesygeplejeenhed",
    "284546000": "hospice",
    "22232009": "hospital",
    "702824005": "hørecenter",
    "309904001": "intensivenhed",
    "557591000005104": "internetbaseret sundhedsydelse",
    "554411000005101": "jobcenter",
    "550631000005103": "jordemoderklinik",
    "550641000005106": "kiropraktorklinik",
    "557521000005101": "klinik for alternativ behandling",
    "550851000005109": "klinisk enhed",
    "547211000005108": "kommune",
    "557561000005105": "konsulentvirksomhed",
    "557541000005106": "kosmetisk klinik",
    "550651000005108": "lægelaboratorium",
    "550661000005105": "lægevagt",
    "551611000005102": "operationsgang",
    "557581000005102": "optikervirksomhed",
    "557671000005101": "osteopatiklinik",
    "309939001": "palliativ enhed",
    "42665001": "plejehjem",
    "550891000005100": "privat",
    "554211000005102": "præhospitalsenhed",
    "554871000005105": "psykiatrienhed",
    "550711000005101": "psykologisk rådgivningsklinik",
    "556841000005105": "pædagogisk psykologisk rådgivning (PPR)",
    "702916001": "rehabiliteringsenhed",
    "225728007": "skadestue",
    "550671000005100": "speciallægepraksis",
    "264361005": "sundhedscenter",
    "554041000005106": "sundhedsforvaltning",
    "554021000005101": "sundhedsplejen",
    "554071000005100": "sygehusapotek",
    "703069008": "sygeplejeklinik",
    "550681000005102": "tandlægepraksis",
    "550691000005104": "tandplejeklinik",
    "550701000005104": "tandteknisk klinik",
    "554231000005106": "vaccinationsklinik",
    "554051000005108": "zoneterapiklinik",
}


def source_of(code: str) -> Source:
    """The filter group of a facility type; a code we do not know is another facility, an empty one is unknown."""
    if not code:
        return Source.UNKNOWN
    return NAMED.get(code, Source.OTHER)


def facility_words(code: str) -> str:
    """The type in Danish words, "" when the code is not in the value set."""
    return FACILITY_TYPES.get(code, "")
