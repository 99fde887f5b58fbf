"""MedCom's codes for what a health professional is, in Danish words. Pure: imports no Django.

Source: the code systems medcom-core-PractitionerRolesSKSadministrativ 2.0.0 and
medcom-core-PractitionerRolesAutorisationsregistret 1.8.1. Misspelt codes (`pyskolog`) are theirs, kept beside the
right ones, since documents carry both.
"""

_SYSTEM = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRoles"

SKS = {
    "speciallaege": "Speciallæge",
    "speciallaegeipraksis": "Speciallæge i praksis",
    "cheflaege": "Cheflæge",
    "overlaege": "Overlæge",
    "afdelingslaege": "Afdelingslæge",
    "sygehuslaege": "Sygehuslæge",
    "sygeplejerske": "Sygeplejerske",
    "sundhedsplejerske": "Sundhedsplejerske",
    "socialogsundhedsassistent": "Social- og sundhedsassistent",
    "socialogsundhedsmedhjaelper": "Social- og sundhedsmedhjælper",
    "socialogsundhedsmehjaelper": "Social- og sundhedsmedhjælper",
    "sygehjaelper": "Sygehjælper",
    "plejer": "Plejer",
    "plejehjemsassistent": "Plejehjemsassistent",
    "tandlaege": "Tandlæge",
    "klinisktandtekniker": "Klinisk tandtekniker",
    "tandplejer": "Tandplejer",
    "farmaceut": "Farmaceut",
    "apoteker": "Apoteker",
    "psykolog": "Psykolog",
    "pyskolog": "Psykolog",
    "jordemoder": "Jordemoder",
    "fysioterapeut": "Fysioterapeut",
    "ergoterapeut": "Ergoterapeut",
    "bioanalytiker": "Bioanalytiker",
    "radiograf": "Radiograf",
    "diaetist": "Diætist",
    "diaetistassistent": "Diætistassistent",
    "audilogiassistent": "Audilogiassistent",
    "neurofysiologassistent": "Neurofysiologassistent",
    "kiropraktor": "Kiropraktor",
    "zoneterapeut": "Zoneterapeut",
    "psykoterapeut": "Psykoterapeut",
    "audiologopaed": "Audiologopæd",
    "laegesekretaer": "Lægesekretær",
    "ledendelaegesekretaer": "Ledende lægesekretær",
    "sygeplejesekretaer": "Sygeplejesekretær",
    "sygeplejesekretear": "Sygeplejesekretær",
    "fodterapeut": "Fodterapeut",
    "socialraadgiver": "Socialrådgiver",
    "ledendesocialraadgiver": "Ledende socialrådgiver",
    "laerer": "Lærer",
    "paedagog": "Pædagog",
    "beskaeftigelsesvejleder": "Beskæftigelsesvejleder",
    "bandagist": "Bandagist",
    "skomager": "Skomager",
    "optiker": "Optiker",
}
AUTHORISATION = {
    "ambulancebehandler": "Ambulancebehandler",
    "bandagist": "Bandagist",
    "behandlerfarmaceut": "Behandlerfarmaceut",
    "bioanalytiker": "Bioanalytiker",
    "ergoterapeut": "Ergoterapeut",
    "fodterapeut": "Fodterapeut",
    "fysioterapeut": "Fysioterapeut",
    "jordemoder": "Jordemoder",
    "kiropraktor": "Kiropraktor",
    "kliniskdiaetist": "Klinisk diætist",
    "klinisktandtekniker": "Klinisk tandtekniker",
    "laege": "Læge",
    "optikerogoptometrist": "Optiker og optometrist",
    "osteopat": "Osteopat",
    "radiograf": "Radiograf",
    "socialogsundhedsassistent": "Social- og sundhedsassistent",
    "sygeplejerske": "Sygeplejerske",
    "tandlaege": "Tandlæge",
    "tandplejer": "Tandplejer",
}
"""Where the list's own words are no Danish title ("Kliniskdiætist", "Klinisktandkliniker"), the title stands here."""

SYSTEMS = {f"{_SYSTEM}SKSadministrativ": SKS, f"{_SYSTEM}Autorisationsregistret": AUTHORISATION}


def display(system: str, code: str) -> str:
    """The Danish words of a role code; "" when the system or the code is unknown."""
    return SYSTEMS.get(system, {}).get(code, "")
