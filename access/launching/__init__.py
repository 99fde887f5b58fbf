"""From a system's wish to an open record: issued to an EPJ's server, redeemed by a browser, completed by its user.

A ticket is spent when the browser brings it: a second try is a replay. The launch waits, bound to that browser by a
cookie, until its user has signed in, and becomes one context and never two (docs/adr/0010). What an EPJ launches by
SMART arrives here with its user, and goes on in the same way (docs/adr/0021).
"""

from access.launching.asking import Asked, arrive, find, issue, redeem
from access.launching.completing import complete, is_for, wanted, what_to_ask
from access.launching.issuers import smart_issuer, staff_issuer
from access.launching.refused import WRONG_USER, Refused, refused

__all__ = [
    "WRONG_USER", "Asked", "Refused", "arrive", "complete", "find", "is_for", "issue", "redeem", "refused",
    "smart_issuer", "staff_issuer", "wanted", "what_to_ask",
]  # fmt: skip
