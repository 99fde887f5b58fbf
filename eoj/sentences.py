"""What a broken rule says in Danish: calm, about the report, never repeating what stands in it. Pure."""

from eoj.nodes import FIRST_YEAR, LAST_YEAR, Node

SENTENCES = {
    "Bundle.type:fixed": "Det modtagne er ikke en samling (Bundle af typen collection).",
    "Bundle.timestamp:min": "Tidspunktet, hvor rapporten blev dannet, mangler.",
    "Bundle.timestamp:type": "Tidspunktet, hvor rapporten blev dannet, er ikke et gyldigt tidspunkt med tidszone.",
    "Bundle.id:min": "Rapportens id mangler.",
    "Bundle.id:type": "Rapportens id har ikke den form, standarden foreskriver.",
    "Bundle.entry.resource:min": "En post i rapporten er tom.",
    "Patient.identifier:cpr:min": "Borgerens CPR-nummer mangler eller har et forkert kodesystem.",
    "Patient.identifier:cpr:max": "Borgeren har mere end ét CPR-nummer i rapporten.",
    "Patient.identifier:cpr.value:min": "Borgerens CPR-nummer mangler.",
    "Patient.identifier:max": "Borgeren må kun have ét id, CPR-nummeret.",
    "Patient.identifier:x-ecpr:max": "Rapporten indeholder et erstatnings-CPR-nummer.",
    "Patient.name:max": "Borgerens navn må ikke indberettes.",
    "Patient.address:max": "Borgerens adresse må ikke indberettes.",
    "Patient.birthDate:max": "Borgerens fødselsdato må ikke indberettes.",
    "Patient.gender:max": "Borgerens køn må ikke indberettes.",
    "Patient.telecom:max": "Borgerens kontaktoplysninger må ikke indberettes.",
    "Patient.contact:max": "Borgerens pårørende må ikke indberettes.",
    "Patient.generalPractitioner:max": "Borgerens læge må ikke indberettes.",
    "Patient.deceased[x]:deceasedDateTime:max": "Dødstidspunktet må ikke indberettes, kun at borgeren er død.",
    "Patient.deceased[x]:deceasedBoolean:min": "Det er ikke angivet, om borgeren er død.",
    "Patient.managingOrganization:min": "Den organisation, der ejer journalen, er ikke angivet.",
    "Patient.managingOrganization.identifier:min": "SOR-koden på den organisation, der ejer journalen, mangler.",
    "Patient.managingOrganization.identifier.value:min": "SOR-koden på den organisation, der ejer journalen, mangler.",
    "Patient.managingOrganization.identifier.system:fixed": "Journalens organisation skal have en SOR-kode.",
    "Condition.code:binding": "Tilstandens kode findes ikke i Fælles Sprog III.",
    "Condition.code:min": "Tilstandens kode mangler.",
    "Condition.severity:binding": "Tilstandens niveau er ikke et af niveauerne i Fælles Sprog III.",
    "Condition.recordedDate:min": "Datoen, hvor tilstanden blev oprettet, mangler.",
    "Condition.recordedDate:type": "Datoen, hvor tilstanden blev oprettet, er ikke gyldig.",
    "Condition.abatement[x]:max": "En tilstands sluttidspunkt må ikke indberettes.",
    "Condition.note:max": "Fritekst må ikke indberettes om en tilstand.",
    "CarePlan.note:max": "Fritekst må ikke indberettes om en indsats.",
    "CarePlan.period.start:min": "Tidspunktet, hvor indsatsen blev bevilget, mangler.",
    "CarePlan.period.start:type": "Tidspunktet, hvor indsatsen blev bevilget, er ikke gyldigt.",
    "CarePlan.period.end:range": "Indsatsens slutdato kan ikke være rigtig. Er der ingen slutdato, skal den udelades.",
    "CarePlan.activity.detail.code.coding:level2:min": "Indsatsens kode fra Fælles Sprog III mangler.",
    "CarePlan.activity.detail.code.coding:level2:binding": "Indsatsens kode findes ikke i Fælles Sprog III.",
    "Procedure.code.coding:level2:min": "Indsatsens kode fra Fælles Sprog III mangler.",
    "Procedure.code.coding:level2:binding": "Indsatsens kode findes ikke i Fælles Sprog III.",
    "Procedure.performed[x]:min": "Tidspunktet, hvor indsatsen blev leveret, mangler.",
    "Encounter.period.start:min": "Tidspunktet for kontakten mangler.",
    "Encounter.type:binding": "Kontaktens art findes ikke i den fælles kodeliste.",
    "Encounter.class:binding": "Kontaktens form findes ikke i den fælles kodeliste.",
    "Observation.effective[x]:min": "Tidspunktet for observationen mangler.",
    "Observation.focus:min": "Observationen henviser ikke til det, den handler om.",
    "Goal.start[x]:min": "Datoen, hvor målet blev sat, mangler.",
    "Goal.addresses:min": "Målet henviser ikke til nogen tilstand.",
    "Goal.target.detail[x]:binding": "Det forventede niveau er ikke et af niveauerne i Fælles Sprog III.",
}
"""Element id and kind of rule → the sentence; what is not here gets the general one of its kind."""


def sentence(node: Node, kind: str) -> str:
    """The sentence for one element that breaks one kind of rule."""
    id_ = node.rule.partition(":")[2]
    if found := SENTENCES.get(f"{id_}:{kind}"):
        return found
    match kind:
        case "min":
            return f"Elementet {id_} mangler."
        case "max" if node.high == 0:
            return f"Elementet {id_} må ikke forekomme."
        case "max":
            return f"Elementet {id_} må højst forekomme {node.high} gang{'' if node.high == 1 else 'e'}."
        case "fixed" if node.fixed:
            return f"Elementet {id_} skal være »{node.fixed}«."
        case "fixed":
            return f"Elementet {id_} har en anden kode end den, standarden foreskriver."
        case "binding":
            return f"Elementet {id_} har en kode, der ikke findes i den tilladte kodeliste."
        case "display":
            return f"Elementet {id_} har en kode med en anden tekst end kodelistens."
        case "slicing":
            return f"Elementet {id_} har en kode fra et kodesystem, der ikke må bruges her."
        case "aggregation":
            return f"Elementet {id_} henviser til noget, der ikke er i rapporten."
        case "target":
            return f"Elementet {id_} henviser til en forkert slags oplysning."
        case "range":
            return f"Elementet {id_} har et tidspunkt uden for årene {FIRST_YEAR} til {LAST_YEAR}."
        case "unknown":
            return f"{id_} indeholder et element, der ikke findes i standarden."
        case "empty":
            return f"Elementet {id_} er tomt."
        case _:
            return f"Elementet {id_} har ikke den form, standarden foreskriver."
