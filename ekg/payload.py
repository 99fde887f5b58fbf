"""The PDF inside an Observation: taken out, decoded once, hashed once, inspected. Pure: imports no Django.

Source: EKG.md §5 and §10. base64 is strict, except that white space between the characters is FHIR's own licence. What
decodes is never decoded a second time: MedCom's example 13 is base64 of base64, and so no PDF. What a PDF must be is
the inspector's to say.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from ekg.pdf_report import Inspector
from ekg.profiles import ATTACHMENT
from ekg.sentences import SENTENCES
from fhir.bundle import Handling, Severity
from fhir.findings import Findings
from fhir.references import Entry
from fhir.tree import empty, first, indexed, text

SEVERAL = "Observation.extension:valueAttachment:max"
PROFILE = "medcom-ekg-recording-observation:Observation.extension:valueAttachment"


@dataclass(frozen=True)
class Payload:
    """What there is to show of one recording; `pdf` None when there is nothing."""

    pdf: bytes | None = None
    sha256: str = ""
    pages: int = 0


def payload(observation: Entry, inspect: Inspector, hashes: dict[str, str], out: Findings) -> Payload:
    """The readable PDF of an Observation; notes the SHA-256 of what was decoded under its base64 in `hashes`."""
    attachments = [
        (where, one)
        for where, one in indexed(observation.resource, "extension", observation.path)
        if text(one, "url") == ATTACHMENT
    ]
    if len(attachments) != 1:  # none: the profile's table says so
        if attachments:
            rule = f"{PROFILE}:max"
            out.add(rule, f"{observation.path}.extension", SENTENCES[SEVERAL], handling=Handling.ERROR)
        return Payload()
    where, extension = attachments[0]
    attachment = first(extension, "valueAttachment")
    path = f"{where}.value"
    data = _decoded(first(attachment, "data"), f"{path}.data", out)
    if data is None:
        return Payload()
    digest = hashlib.sha256(data).hexdigest()
    hashes[text(attachment, "data")] = digest
    _compare(attachment, data, path, out)
    report = inspect(data)
    for finding in report.findings:
        bad = finding.severity in (Severity.FATAL, Severity.ERROR, *((Severity.WARNING,) if report.readable else ()))
        means = (Handling.DISCLAIMER if report.readable else Handling.ERROR) if bad else None
        out.add(finding.rule, f"{path}.data", finding.text, finding.severity, means)
    if report.readable:
        return Payload(data, digest, report.pages)
    if not report.findings:
        out.add("payload-damaged", f"{path}.data", "EKG-filen kan ikke læses.", handling=Handling.ERROR)
    out.reach(Handling.ERROR)
    return Payload()


def _decoded(said: Any, path: str, out: Findings) -> bytes | None:
    """The bytes that base64 stands for; None, with a finding, when it stands for none."""
    if empty(said):  # the profile's table says so
        return None
    if isinstance(said, str):
        try:
            plain = said.encode("ascii")
            if b" " in plain or b"\n" in plain or b"\r" in plain or b"\t" in plain:
                plain = plain.translate(None, b" \t\r\n")
            return binascii.a2b_base64(plain, strict_mode=True)
        except ValueError:  # binascii.Error and UnicodeEncodeError are both
            pass
    out.add("payload-base64", path, "EKG-filen er ikke gyldig base64.", handling=Handling.ERROR)
    return None


def _compare(attachment: Any, data: bytes, path: str, out: Findings) -> None:
    """Attachment.size and Attachment.hash (SHA-1, in base64) when the sender gave them."""
    size, said = first(attachment, "size"), first(attachment, "hash")
    if not empty(size) and size != len(data):
        out.add("payload-size", f"{path}.size", "EKG-filen har ikke den størrelse, der er angivet.")
    if not empty(said) and said != base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode():
        out.add("payload-hash", f"{path}.hash", "EKG-filen passer ikke med sit kontroltal (hash).")
