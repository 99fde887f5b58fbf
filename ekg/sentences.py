"""What a broken profile rule says in Danish: calm, and about the document, never repeating what stands in it."""

from typing import Any, Protocol

SENTENCES = {
    "Bundle.type:pattern": "Det modtagne er ikke et FHIR-dokument (Bundle af typen document).",
    "Bundle.timestamp:min": "Tidspunktet, hvor dokumentet blev samlet, mangler.",
    "Bundle.identifier:min": "Dokumentets id (Bundle.identifier) mangler.",
    "Bundle.entry.fullUrl:min": "En del af dokumentet mangler sin adresse (fullUrl).",
    "Composition.meta.profile:min": "Dokumentet angiver ikke, hvilken version af standarden det følger.",
    "Composition.language:fixed": "Dokumentets sprog skal være dansk (da).",
    "Composition.identifier:min": "Dokumentets id mangler.",
    "Composition.identifier.value:min": "Dokumentets id mangler.",
    "Composition.subject:min": "Dokumentet angiver ikke, hvilken borger det handler om.",
    "Composition.author:max": "Der er angivet flere forfattere, end standarden tillader.",
    "Composition.author:institution:min": "Den afsendende enhed er ikke angivet som forfatter.",
    "Composition.author:institution:max": "Der er angivet flere afsendende enheder.",
    "Composition.confidentiality:min": "Dokumentets fortrolighed er ikke angivet.",
    "Composition.confidentiality:fixed": "Dokumentets fortrolighed skal være normal (N).",
    "Composition.title:min": "Dokumentets titel mangler.",
    "Composition.text:min": "Dokumentets læsbare tekst mangler.",
    "Composition.event:min": "Undersøgelsens tidsrum mangler.",
    "Composition.event.period:min": "Undersøgelsens tidsrum mangler.",
    "Composition.event.period.start:min": "Undersøgelsens starttidspunkt mangler.",
    "Composition.section:min": "Dokumentet har intet afsnit med undersøgelsen.",
    "Composition.section.entry:min": "Et afsnit henviser ikke til nogen undersøgelse.",
    "Composition.section.entry:target": "Et afsnit henviser til andet end en undersøgelse.",
    "Observation.extension:valueAttachment:min": "Den vedhæftede EKG-fil mangler.",
    "Observation.extension:valueAttachment:max": "Der er vedhæftet flere EKG-filer til den samme undersøgelse.",
    "Observation.extension:valueAttachment.value[x]:min": "Den vedhæftede EKG-fil mangler.",
    "Observation.extension:valueAttachment.value[x].data:min": "Den vedhæftede EKG-fil er tom.",
    "Observation.extension:valueAttachment.value[x].contentType:min": "Filtypen af EKG-filen er ikke angivet.",
    "Observation.extension:valueAttachment.value[x].contentType:fixed": "Filtypen skal være application/pdf.",
    "Observation.code.coding:LOINC:min": "Koden for EKG-undersøgelse (LOINC 11524-6) mangler.",
    "Observation.subject:min": "Undersøgelsen angiver ikke, hvilken borger den handler om.",
    "Observation.effective[x]:min": "Tidspunktet for undersøgelsen mangler.",
    "Observation.effective[x]:effectivePeriod.start:min": "Undersøgelsens starttidspunkt mangler.",
    "Observation.performer:min": "Den enhed, der udførte undersøgelsen, er ikke angivet.",
    "Observation.note:max": "Der er mere end én kommentar til undersøgelsen.",
    "Observation.note.text:min": "Kommentaren til undersøgelsen er tom.",
    "Observation.note.text:maxLength": "Kommentaren er længere end de 1024 tegn, standarden tillader.",
    "Patient.identifier:cpr:min": "Borgerens CPR-nummer mangler eller har et forkert kodesystem.",
    "Patient.identifier:cpr:max": "Borgeren har mere end ét CPR-nummer i dokumentet.",
    "Patient.identifier:cpr.value:min": "Borgerens CPR-nummer mangler.",
    "Patient.identifier:cpr.value:maxLength": "Borgerens CPR-nummer har mere end ti cifre.",
    "Patient.identifier:x-ecpr:max": "Dokumentet indeholder et erstatnings-CPR-nummer.",
    "Patient.name:min": "Borgerens navn mangler.",
    "Patient.name:official:min": "Borgerens officielle navn mangler.",
    "Patient.name:official.family:min": "Borgerens efternavn mangler.",
    "Patient.name:official.given:min": "Borgerens fornavn mangler.",
    "Patient.gender:min": "Borgerens køn mangler.",
    "Patient.birthDate:min": "Borgerens fødselsdato mangler.",
    "Organization.name:min": "Navn på den afsendende enhed mangler.",
    "Organization.identifier:SOR-ID:min": "SOR-koden på den afsendende enhed mangler.",
    "Organization.identifier:SOR-ID.value:min": "SOR-koden på den afsendende enhed mangler.",
    "Practitioner.name:min": "Navnet på den sundhedsfaglige person mangler.",
    "Practitioner.name.family:min": "Efternavnet på den sundhedsfaglige person mangler.",
    "Practitioner.name.given:min": "Fornavnet på den sundhedsfaglige person mangler.",
    "PractitionerRole.organization:min": "Den sundhedsfaglige persons enhed er ikke angivet.",
}
"""Element id and kind of rule → the sentence; what is not here gets the general one of its kind."""


class Element(Protocol):
    """The part of a profile's element that a sentence needs."""

    high: int | None
    value: str | None
    max_length: int | None


WHOSE_STATUS = {"Composition.status": "Dokumentets", "Observation.status": "Undersøgelsens"}
STATUSES = {
    "registered": "registreret, uden resultat",
    "preliminary": "foreløbig",
    "amended": "ændret",
    "corrected": "rettet",
    "cancelled": "annulleret",
    "entered-in-error": "oprettet ved en fejl og trukket tilbage",
    "unknown": "ukendt",
}


def sentence(id_: str, kind: str, element: Element, said: Any = None) -> str:
    """The Danish sentence for one element that breaks one kind of rule; a known status is named, nothing else is."""
    if found := SENTENCES.get(f"{id_}:{kind}"):
        return found
    match kind:
        case "min":
            return f"Elementet {id_} mangler."
        case "max" if element.high == 0:
            return f"Elementet {id_} må ikke forekomme."
        case "max":
            return f"Elementet {id_} må højst forekomme {element.high} gang{'' if element.high == 1 else 'e'}."
        case "pattern" if id_ in WHOSE_STATUS:
            status = STATUSES.get(said, "") if isinstance(said, str) else ""
            return f"{WHOSE_STATUS[id_]} status er ikke endelig" + (f", men »{status}«." if status else ".")
        case "fixed" | "pattern":
            return f"Elementet {id_} skal være »{element.value}«."
        case "maxLength":
            return f"Elementet {id_} må højst have {element.max_length} tegn."
        case _:
            return f"Elementet {id_} henviser til en forkert slags oplysning."
