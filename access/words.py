"""How much somebody has written who is asked for words. Pure.

What no reader sees says nothing: signs without a shape (zero-width, soft hyphen, direction marks), marks that stand on
nothing, fillers that are drawn as a blank. White space counts as one sign between two words, and not around them.
"""

import unicodedata

BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category, and nothing on a screen: the Hangul fillers and the empty Braille cell."""
UNSEEN = ("C", "M")
"""Control, format, surrogate, private and unassigned signs; marks belong to the sign that they stand on."""


def length(text: str) -> int:
    """How many characters a reader sees."""
    return len(" ".join("".join(filter(_is_seen, text)).split()))


def _is_seen(sign: str) -> bool:
    return sign.isspace() or (sign not in BLANK and not unicodedata.category(sign).startswith(UNSEEN))
