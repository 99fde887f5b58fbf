"""Makes all committed sample files anew: `python -m samples.build`. The same code makes the same bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

from samples import eoj, mhd
from samples.document import document
from samples.files import FOLDER
from samples.organisations import register
from samples.recordings import Recording, recordings
from samples.rendition import MEDIA, as_json, as_xml

UPDATES = {  # metadata alone, for documents that the demo also holds
    "nancy-2023-08-29-routine": "current",
    "anna-2026-10-30-palpitations": "superseded",
    "emil-2023-02-06-first": "entered-in-error",
}


def files(recording: Recording, pdf: bytes) -> Iterator[tuple[str, bytes]]:
    """Every file of one recording, as path in this folder and bytes."""
    tree = document(recording, pdf)
    body = as_json(tree)
    yield f"ekg/{recording.name}.json", body
    if recording.rendition == "xml":
        body = as_xml(tree)
        yield f"ekg/{recording.name}.xml", body
    if recording.door == "mhd":
        yield f"mhd/{recording.name}.json", as_json(mhd.transaction(recording, body))
    if status := UPDATES.get(recording.name):
        yield f"mhd/{recording.name}-{status}.json", as_json(mhd.update(recording, status))


def manifest() -> bytes:
    """What the demo sends, in order, and what it should get back."""
    lines = []
    for recording in recordings():
        by_mhd = recording.door == "mhd"
        kind = "json" if by_mhd else recording.rendition
        refused = recording.handling == "refused"
        line = {
            "file": f"{'mhd' if by_mhd else 'ekg'}/{recording.name}.{kind}",
            "url": "/fhir" if by_mhd else "/fhir/Bundle",
            "content_type": MEDIA[kind],
            "patient": recording.patient,
            "status": 422 if refused else 200 if by_mhd else 201,
            "handling": recording.handling,
        }
        lines.append(json.dumps(line, ensure_ascii=False))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def main() -> None:
    from samples.pdf import pdf

    made = {"sor.csv": register().encode(), "manifest.json": manifest()}
    for recording in recordings():
        made.update(files(recording, pdf(recording)))
    made |= eoj.files()
    for old in [*FOLDER.glob("ekg/*"), *FOLDER.glob("mhd/*"), *FOLDER.glob("eoj/*")]:
        old.unlink()
    for name, body in made.items():
        target: Path = FOLDER / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(body)
    print(f"{len(made)} filer, {sum(map(len, made.values())) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
