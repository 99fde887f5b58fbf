"""CPR numbers. Pure. Source: the CPR office's description of the number (cpr.dk); no modulus 11 since October 2007."""

import re
from datetime import date

SYSTEM = "urn:oid:1.2.208.176.1.2"
"""The identifier system of a CPR number in Danish FHIR profiles."""

PATTERN = re.compile(
    r"(?a:(0[1-9]|[12]\d|3[01])(01|03|05|07|08|10|12)|(0[1-9]|[12]\d|30)(04|06|09|11)|(0[1-9]|[12]\d)02)\d{6}"
)
"""The invariant `cpr` of the MedCom document patient: day and month fit each other, ten digits."""


def is_valid(cpr: str) -> bool:
    """Whether ten digits, written without a hyphen, can be a CPR number."""
    return PATTERN.fullmatch(cpr) is not None


def cleaned(said: str) -> str:
    """What a person typed ("251248-9996", "251248 9996") as ten digits, or "" when it cannot be a CPR number."""
    digits = re.sub(r"[\s-]", "", said)
    return digits if is_valid(digits) else ""


def written(cpr: str) -> str:
    """251248-9996."""
    return f"{cpr[:6]}-{cpr[6:]}"


def masked(cpr: str) -> str:
    """251248-••••: the birth date stays, so that the number still helps to tell persons apart."""
    return f"{cpr[:6]}-••••"


def birth_date(cpr: str) -> date | None:
    """The birth date; the seventh digit tells the century. None for a day that never was (29 February)."""
    year, seventh = int(cpr[4:6]), int(cpr[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, int(cpr[2:4]), int(cpr[:2]))
    except ValueError:
        return None


def sex(cpr: str) -> str:
    """kvinde for an even last digit, mand for an odd one."""
    return "mand" if int(cpr[9]) % 2 else "kvinde"


def age(cpr: str, on: date) -> int | None:
    """Whole years on a day; None when the birth date is unknown or later than the day."""
    born = birth_date(cpr)
    if born is None or born > on:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
