"""HTML of ours into a tagged PDF (pdf/ua-1): no address is fetched, and the fonts are the house's own. No Django."""

from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

FOLDER = Path(__file__).resolve().parent.parent / "static" / "vendor" / "dkfds-11.2.0"
FONTS = {
    "font:regular": FOLDER / "IBMPlexSans-Regular-Latin1.woff2",
    "font:bold": FOLDER / "IBMPlexSans-SemiBold-Latin1.woff2",
}
STYLE = """
@font-face { font-family: "IBM Plex Sans"; font-weight: 400; src: url(font:regular); }
@font-face { font-family: "IBM Plex Sans"; font-weight: 600; src: url(font:bold); }
@page { size: A4; margin: 15mm;
  @bottom-right { content: counter(page); font: 8pt "IBM Plex Sans", sans-serif; } }
html { font: 10.5pt/1.4 "IBM Plex Sans", sans-serif; color: #000; }
b, strong, h1, h2, h3, th { font-weight: 600; }
h1 { margin: 0; font-size: 17pt; }
h2 { font-size: 13pt; }
h3 { margin: 4mm 0 0; font-size: 10.5pt; }
p { margin: 0 0 2mm; }
dl { margin: 4mm 0; }
dl div { display: flex; gap: 3mm; margin-bottom: 1.5mm; break-inside: avoid; }
dt { flex: 0 0 48mm; color: #444; }
dd { flex: 1; margin: 0; overflow-wrap: anywhere; }
table { width: 100%; margin: 2mm 0 4mm; border-collapse: collapse; }
th, td { padding: 1mm 3mm 1mm 0; border-bottom: .5pt solid #777; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
tr { break-inside: avoid; }
th.part { padding-left: 5mm; font-weight: 400; }
.named { padding: 3mm 0 1.5mm; border: solid #000; border-width: 1pt 0; }
.named dd { font-size: 13pt; font-weight: 600; }
.boxed { margin: 3mm 0; padding: 2.5mm 4mm; border: 1.5pt solid #000; overflow-wrap: anywhere; }
.boxed ul { margin: 0; padding-left: 1.2em; list-style: square; }
.verbatim { white-space: pre-wrap; }
.boxed .verbatim { font-weight: 600; }
.boxed .verbatim.long { display: block; font-weight: 400; }
"""


class Refused(FatalURLFetchingError):  # type: ignore[misc]
    """The HTML names something to be fetched: that is a fault of ours, and nothing is made of it."""


class OwnFonts(URLFetcher):  # type: ignore[misc]
    """Knows the two fonts and nothing else."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url not in FONTS:
            raise Refused("an address in a document of ours")
        return URLFetcherResponse(url, FONTS[url].read_bytes(), {"Content-Type": "font/woff2"})


def pdf(html: str, hidden: str = "") -> bytes:
    """The document set on A4; elements of the class `hidden` are left out."""
    fetcher, fonts = OwnFonts(), FontConfiguration()
    said = STYLE + (f".{hidden} {{ display: none }}" if hidden else "")
    style = CSS(string=said, font_config=fonts, url_fetcher=fetcher, base_url="about:blank")
    document = HTML(string=html, base_url="about:blank", url_fetcher=fetcher)
    made: bytes = document.write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", custom_metadata=False
    )
    return made
