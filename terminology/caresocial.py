"""CareSocialCodes, the municipalities' further code list: kinds of contact, of delivery, of goal. Pure.

Source: the CodeSystem `http://fhir.kl.dk/term/CodeSystem/CareSocialCodes` as published in KL Term 2.3.0, and one code
of a later version (`udførelse af indsats`) that guide 1.3.0 uses. Codes, names and places in the tree are facts.
"""

import csv
from functools import cache
from pathlib import Path

SYSTEM = "http://fhir.kl.dk/term/CodeSystem/CareSocialCodes"
DATA = Path(__file__).parent / "data" / "caresocialcodes.csv"

CONTACT, CONTACT_CLASS = "25303acd-dcaf-4a8e-a8a3-3961a43858aa", "bf469e95-f9e3-45c7-bf15-ab7e8a85236f"
GOAL, MEASURE = "253bbdc0-c4ca-4e77-9d3e-3a9e51281636", "11266a8f-5795-42ab-88ec-4fe5c6c28e80"
DELIVERY = "3f79cee2-b148-4f2c-9cbd-387820e74685"
FOLLOW_UP, PERFORMED = "9f03dfbb-7a97-45a5-94db-d4c3501714a9", "4530b499-d74b-4d2e-9df9-247047fb231d"
CONDITION_GOAL, FUNCTION_LEVEL = "ca552020-6ed1-4cdc-b0d4-32697f1f27ad", "66959f77-6e2a-4574-8423-3ff097f8b9fa"


@cache
def shipped() -> dict[str, tuple[str, str]]:
    """Code → its name and the code it stands under, "" at the top."""
    with DATA.open(newline="") as file:
        return {row["code"]: (row["name"], row["parent"]) for row in csv.DictReader(file)}


def below(root: str) -> dict[str, str]:
    """Code → name of everything that stands under a code, at any depth."""
    codes = shipped()
    found: dict[str, str] = {}
    level = {root}
    while level:
        level = {code for code, (_, parent) in codes.items() if parent in level and code not in found}
        found |= {code: codes[code][0] for code in level}
    return found
