"""Small changes to a specimen, to build deviations from."""

from collections.abc import Callable

from ekg.tests.specimen import Json, Specimen

Change = Callable[[Specimen], object]
SLICE = "medcom-ekg-recording-bundle:Bundle.entry:medcom-ekg-recording-composition"
COMPOSITION = "medcom-ekg-recording-composition:Composition"
OBSERVATION = "medcom-ekg-recording-observation:Observation"
ATTACHED = f"{OBSERVATION}.extension:valueAttachment"
CPR = "urn:oid:1.2.208.176.1.2"
OTHER = "6f9e1c50-1d3a-4c1b-9b52-000000000099"


def without(holder: str, *names: str) -> Change:
    return lambda s: [getattr(s, holder).pop(name) for name in names]


def with_(holder: str, **elements: object) -> Change:
    return lambda s: getattr(s, holder).update(elements)


def number(value: object, system: str = CPR) -> Change:
    return lambda s: s.patient.update(identifier=[{"system": system, "value": value}])


def both_times(start: str, end: str | None = None) -> Change:
    """The same times in the event and in the Observation."""
    period = {"start": start, **({"end": end} if end else {})}
    return lambda s: (s.observation.update(effectivePeriod=period), s.composition.update(event=[{"period": period}]))


def second_observation(**changes: object) -> Callable[[Specimen], Json]:
    def add(s: Specimen) -> Json:
        s.composition["section"][0]["entry"].append({"reference": f"Observation/{OTHER}"})
        return s.add(s.observation, id=OTHER, **changes)

    return add


def second_patient(**changes: object) -> Callable[[Specimen], Json]:
    return lambda s: s.add(s.patient, id=OTHER, **changes)


def everywhere(reference: str) -> Change:
    return lambda s: (
        s.composition.update(subject={"reference": reference}),
        s.observation.update(subject={"reference": reference}),
    )


def contained_patient(s: Specimen) -> None:
    s.composition.update(contained=[dict(s.patient, id="p")], subject={"reference": "#p"})
