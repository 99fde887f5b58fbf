"""Why a sign-in did not succeed."""


class Failed(Exception):
    """Nobody is signed in; `code` says why, for the audit. What the other side sent is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
