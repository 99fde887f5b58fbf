"""The rules that stand in the text of MedCom's guide and in no invariant (EKG.md §2 and §3). Pure: imports no Django.

They have no key in the standard; theirs here begin with `ekg-`.
"""

from ekg.profiles import PROFILE
from ekg.times import Span
from fhir.findings import Findings
from fhir.references import Entry, Index
from fhir.tree import first, indexed, text, values


def references(index: Index, out: Findings) -> None:
    """Every reference leads to something in the Bundle or in its own holder; `relatesTo` is about other documents."""
    for one in index.references():
        if one.entry is None and not one.contained and ".relatesTo[" not in one.path:
            out.add("ekg-reference-resolves", one.path, "Dokumentet henviser til noget, der ikke findes i det.")


def full_urls(index: Index, out: Findings) -> None:
    """A fullUrl ends in the id of its resource, and no two resources of a type have the same id."""
    for entry in index.entries:
        path = f"Bundle.entry[{entry.number}].fullUrl"
        if entry.full_url and entry.id and not entry.full_url.endswith((f"/{entry.id}", f":{entry.id}")):
            out.add("ekg-fullurl-id", path, "Adressen (fullUrl) passer ikke med id på det, den er adresse for.")
        if f"{entry.type}/{entry.id}" in index.repeated:
            out.add("ekg-resource-id-unique", f"{entry.path}.id", "Flere dele af dokumentet har det samme id.")


def profile(composition: Entry, out: Findings) -> None:
    """The profile that the Composition names is the EKG's; its version has invariants of its own."""
    for where, said in indexed(first(composition.resource, "meta"), "profile", f"{composition.path}.meta"):
        if isinstance(said, str) and said.partition("|")[0] != PROFILE:
            out.add("ekg-composition-profile", where, "Dokumentet følger en anden profil end den for EKG.")


def times(composition: Entry, spans: list[Span], out: Findings) -> None:
    """The event's period is that of the recording; of several recordings, each end is that of one of them.

    What is missing where it must not be, or cannot be read, has findings of its own and is not compared.
    """
    period = first(composition.resource, "event", "period")
    said = Span.of_period(period)
    if not isinstance(period, dict) or not spans:
        return
    for name, mine, theirs in (
        ("start", said.start, {span.start for span in spans}),
        ("end", said.end, {span.end for span in spans}),
    ):
        comparable = all(span.readable(name) for span in (said, *spans))
        if comparable and mine not in theirs and not (name == "start" and (mine is None or None in theirs)):
            path = f"{composition.path}.event[0].period.{name}"
            out.add("ekg-event-equals-effective", path, "Dokumentets tidsrum er ikke det samme som undersøgelsens.")


def performer(composition: Entry, observation: Entry, index: Index, out: Findings) -> None:
    """The performer is the organisation that sends the document."""
    senders = [index.resolve(text(one, "reference")) for one in values(composition.resource, "author")]
    organisations = [one for one in senders if one is not None and one.type == "Organization"]
    performer = index.resolve(text(observation.resource, "performer", "reference"))
    if performer is not None and organisations and performer not in organisations:
        out.add("ekg-performer-is-author", f"{observation.path}.performer",
                "Undersøgelsen er udført af en anden enhed end den, der sender den.")  # fmt: skip


def in_section(observation: Entry, listed: list[Entry], out: Findings) -> None:
    """A recording belongs to a section of the Composition."""
    if observation not in listed:
        out.add("ekg-section-lists-recording", observation.path, "Undersøgelsen er ikke nævnt i dokumentets afsnit.")
