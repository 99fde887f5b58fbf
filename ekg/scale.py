"""The scale of a recording in words, as its sheet says it. Reads nothing."""

from decimal import Decimal

from django.utils.translation import gettext as _


def words(speed: Decimal | None, gain: Decimal | None) -> str:
    """25 mm/s · 10 mm/mV; "" when the sheet says neither."""
    said = [f"{written(speed)}\N{NO-BREAK SPACE}mm/s"] if speed else []
    return " · ".join([*said, *([f"{written(gain)}\N{NO-BREAK SPACE}mm/mV"] if gain else [])])


def missing(speed: Decimal | None, gain: Decimal | None) -> str:
    """What the sheet leaves unsaid; "" when it says both."""
    if speed is None and gain is None:
        return _("Skalaen fremgår ikke af kilden")
    if gain is None:
        return _("Forstærkningen fremgår ikke af kilden")
    return "" if speed else _("Papirhastigheden fremgår ikke af kilden")


def written(value: Decimal) -> str:
    """12,5."""
    return f"{value.normalize():f}".replace(".", ",")
