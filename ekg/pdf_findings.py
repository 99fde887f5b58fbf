"""What is said of a PDF file, and the list it is said in. Pure: imports neither Django nor a PDF library.

An error means that nothing can be shown, a warning that the file is shown with a disclaimer. Sentences are Danish and
name no content of the file.
"""

MAX_PAGES = 50

NOT_PDF = "Filen er ikke en PDF."
VERSION = "Filen angiver en PDF-version, der ikke findes. Kun 1.0–1.7 og 2.0 findes."
ENCRYPTED = "Filen er krypteret og kan ikke vises."
DAMAGED = "Filen er beskadiget og kan ikke læses."
NO_PAGES = "Filen har ingen sider."
EMPTY = "Filen har intet indhold at vise."
TOO_MANY_PAGES = f"Filen har flere sider, end der kan vises. Grænsen er {MAX_PAGES}."
REPAIRED = "Filen har fejl i sin opbygning, men alt indhold på siderne kunne læses."
PART_DAMAGED = "En del af filen, for eksempel en skrifttype, er beskadiget. Tekst kan mangle eller se anderledes ud."
FONT_MISSING = "Filen mangler en skrifttype, som siderne bruger. Tekst kan mangle eller se anderledes ud."

Remark = tuple[str, str, str]
"""Rule, severity (error or warning), Danish sentence."""


class Inspection:
    """What has been found in one file so far."""

    def __init__(self) -> None:
        self.remarks: dict[Remark, None] = {}
        self.pages = 0
        self.units: list[float] = []
        """Points per unit of each page (UserUnit), which PDFium does not read."""

    def error(self, rule: str, sentence: str) -> None:
        """Note a fault that leaves nothing to show."""
        self.remarks[rule, "error", sentence] = None

    def warning(self, rule: str, sentence: str) -> None:
        """Note a fault to show the file with."""
        self.remarks[rule, "warning", sentence] = None

    @property
    def readable(self) -> bool:
        """Whether anything can be shown."""
        return not any(severity == "error" for _, severity, _ in self.remarks)

    @property
    def repaired(self) -> bool:
        """Whether what is shown must come from qpdf's mended copy, since PDFium mends in its own way."""
        return any(rule == "payload-repaired" for rule, _, _ in self.remarks)
