"""Who an EKG document is about and from: Patient, Organization, PractitionerRole and Practitioner. Pure."""

from typing import Any

from fhir.bundle import Tree
from samples.ids import urn, uuid
from samples.narrative import Line, narrative
from samples.organisations import Organisation
from samples.personas import Patient
from samples.recordings import Author

PROFILE = "http://medcomfhir.dk/ig/document/StructureDefinition/medcom-document-"
ROLES = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ"
CPR, SOR, URI = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1", "urn:ietf:rfc:3986"


def patient(person: Patient) -> Tree:
    """The Patient as the source sends him or her: masked when protected."""
    number = uuid("patient", person.id)
    lines: list[Line] = [
        ("Id", "Id", number),
        ("CPR-nummer", "CPR number", person.cpr),
        ("Navn", "Name", person.name),
        ("Køn", "Gender", {"female": "kvinde / female", "male": "mand / male"}[person.gender]),
        ("Fødselsdato", "Birth date", f"{person.born}"),
    ]
    return {
        "resourceType": "Patient",
        "id": number,
        "meta": {"profile": [f"{PROFILE}patient"]},
        "text": narrative("Patient", "Patient", lines),
        "identifier": [{"system": CPR, "value": person.cpr}],
        "name": [{"use": "official", "family": person.family, "given": person.given.split()}],
        "gender": person.gender,
        "birthDate": f"{person.born}",
    }


def organisation(place: Organisation, named: bool = True) -> Tree:
    """The place that recorded; without its name when the source forgot it."""
    number = uuid("organisation", place.id)
    name = place.name if named else ""
    lines: list[Line] = [("Id", "Id", number), ("SOR-kode", "SOR code", place.sor), ("Navn", "Name", name)]
    tree = {
        "resourceType": "Organization",
        "id": number,
        "meta": {"profile": [f"{PROFILE}organization"]},
        "text": narrative("Organisation", "Organization", lines),
        "identifier": [{"system": SOR, "value": place.sor}],
        "name": name,
    }
    return tree if named else {key: value for key, value in tree.items() if key != "name"}


def recorder(author: Author, place: Organisation) -> list[Tree]:
    """The person, and before it the role at this place when one is known."""
    number = uuid("practitioner", author.name)
    person: Tree = {
        "resourceType": "Practitioner",
        "id": number,
        "meta": {"profile": [f"{PROFILE}practitioner"]},
        "text": narrative("Sundhedsperson", "Practitioner", [("Id", "Id", number), ("Navn", "Name", author.name)]),
        "identifier": [{"system": URI, "value": urn("practitioner-identifier", author.name)}],
        "name": [{"family": author.family, "given": list(author.given)}],
    }
    if not (author.role_code or author.role_text):
        return [person]
    role, references = uuid("role", author.name, place.id), [reference(person), reference(organisation(place))]
    code: dict[str, Any] = (
        {"coding": [{"system": ROLES, "code": author.role_code}]} if author.role_code else {"text": author.role_text}
    )
    lines: list[Line] = [("Id", "Id", role), ("Rolle", "Role", author.role_code or author.role_text)]
    return [
        {
            "resourceType": "PractitionerRole",
            "id": role,
            "meta": {"profile": [f"{PROFILE}practitionerrole"]},
            "text": narrative("Rolle", "Role", lines, references),
            "identifier": [{"system": URI, "value": urn("role-identifier", author.name, place.id)}],
            "practitioner": {"reference": references[0]},
            "organization": {"reference": references[1]},
            "code": [code],
        },
        person,
    ]


def reference(resource: Tree) -> str:
    """How the other resources of the document call this one."""
    return f"{resource['resourceType']}/{resource['id']}"
