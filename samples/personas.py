"""The cast: who the patients of the samples are, and who looks at them. Pure; nobody here exists.

CPR numbers are test numbers only, of the form ddmmyy-99xx that the public test citizen Nancy Ann Berggren also has.
"""

from dataclasses import dataclass
from datetime import date

from samples.organisations import ORGANISATIONS


@dataclass(frozen=True)
class Patient:
    """One patient as the sources know him or her; `contact` is why the practice has the record open today."""

    id: str
    given: str
    family: str
    cpr: str
    municipality: str
    municipality_code: str
    contact: str
    story: str
    protected: bool = False
    """Name and address protection: the sources mask the name, and nobody here knows the real one."""

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def cpr_dashed(self) -> str:
        return f"{self.cpr[:6]}-{self.cpr[6:]}"

    @property
    def born(self) -> date:
        year = int(self.cpr[4:6])
        return date(year + (1900 if year >= 37 else 2000), int(self.cpr[2:4]), int(self.cpr[:2]))

    @property
    def gender(self) -> str:
        """FHIR AdministrativeGender: the last digit of a CPR number is even for women."""
        return "male" if int(self.cpr[-1]) % 2 else "female"


@dataclass(frozen=True)
class User:
    """Someone who works with records: `title` in Danish words, `organisation` and `sor` of the place of work."""

    id: str
    title: str
    name: str
    organisation: str
    sor: str
    speciality: str = ""
    admin: bool = False
    about: str = ""
    role: str = "clinician"
    """In the words of Sundhedsjournal: clinician, assistant, municipal, log-controller."""
    cpr: str = ""
    authorised: bool = False
    """Whether the person has an authorisation of the Danish Patient Safety Authority."""
    on_behalf_of: str = ""
    """The id of the authorised person whom an assistant works for."""

    @property
    def display(self) -> str:
        return f"{self.title} {self.name}".strip()

    @property
    def opens_records(self) -> bool:
        return self.role != "log-controller" and not self.admin


@dataclass(frozen=True)
class Power:
    """A fuldmagt: whom it lets one act for (a patient's id), what for, and how many days from now."""

    giver: str
    privileges: tuple[str, ...]
    days: int


@dataclass(frozen=True)
class Citizen:
    """Someone who signs in as a citizen: for oneself, or for somebody else."""

    id: str
    given: str
    family: str
    cpr: str
    about: str = "Ser sine egne data."
    powers: tuple[Power, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


MASK = "ADRESSEBESKYTTET"

PATIENTS = {
    p.id: p
    for p in (
        Patient(
            "nancy", "Nancy Ann", "Berggren", "2512489996", "Aarhus", "0751",
            "20.11.2026 kl. 15.00 – åndenød",
            "Atrieflimren i anfald siden 2021. Mange optagelser over otte år fra hospital, almen praksis og "
            "speciallæge; ét sted oplyser ikke, hvad det er. I dag er V1 og V2 byttet om.",
        ),
        Patient(
            "jens", "Jens Mikkel", "Thorsen", "1404619935", "Horsens", "0615",
            "20.11.2026 kl. 9.40 – blodtrykskontrol",
            "Hans optagelse fra marts blev erstattet: bemærkningen om ombyttede armelektroder manglede først.",
        ),
        Patient(
            "anna", "Anna Sofie", "Lindhardt", "0708929918", "Aarhus", "0751",
            "20.11.2026 kl. 10.20 – hjertebanken",
            "Rask. To normale EKG'er; det ene er sendt som XML.",
        ),
        Patient(
            "karen", "Karen Margrethe", "Dam", "0102559952", "Silkeborg", "0740",
            "20.11.2026 kl. 11.00 – attest til kørekort",
            "Der er ikke delt noget EKG: mappen er tom.",
        ),
        Patient(
            "beskyttet", f"{MASK} {MASK}", MASK, "3010879964", "", "",
            "20.11.2026 kl. 12.15 – svimmelhed",
            "Navne- og adressebeskyttet: kilderne sender det maskerede navn.",
            protected=True,
        ),
        Patient(
            "bent", "Bent Ole", "Friis", "1806399971", "Favrskov", "0710",
            "20.11.2026 kl. 12.45 – årskontrol",
            "Hans nyeste dokument mangler navnet på den organisation, der har optaget EKG'et: det vises med forbehold. "
            "Året før blev EKG'et optaget hjemme på mindre papir.",
        ),
        Patient(
            "grethe", "Grethe Elin", "Nymand", "0903449928", "Randers", "0730",
            "20.11.2026 kl. 13.10 – hævede ben",
            "Hendes PDF er beskadiget undervejs: kommentaren kan læses, kurven kan ikke.",
        ),
        Patient(
            "emil", "Emil Vang", "Kjær", "1209179943", "Aarhus", "0751",
            "20.11.2026 kl. 8.30 – besvimet i idrætstimen",
            "Ni år. EKG på 50 mm/s fra børneafdelingen.",
        ),
        Patient(
            "freja", "Freja Vang", "Kjær", "1212119960", "Aarhus", "0751",
            "20.11.2026 kl. 8.50 – ondt i maven",
            "Fjorten år, bliver 15 den 12.12.2026: fra den dag ser hendes mor ikke længere hendes data. Intet EKG.",
        ),
        Patient(
            "farid", "Farid Aziz", "Rahimi", "0311749909", "Aarhus", "0751",
            "20.11.2026 kl. 13.40 – trykken for brystet",
            "Lang kommentar med linjeskift, tabulatorer og særlige tegn; optaget et sted, som SOR ikke kender.",
        ),
        Patient(
            "ingrid", "Ingrid Bach", "Østergaard", "2705509946", "Horsens", "0615",
            "20.11.2026 kl. 14.10 – kontrol af pacemaker-forløb",
            "Venstresidigt grenblok. Et dokument på to sider og et, der er skannet fra papir.",
        ),
        Patient(
            "sigridur", "Sigríður", "Þórsdóttir", "2001669982", "Aarhus", "0751",
            "20.11.2026 kl. 14.30 – opfølgning efter blodprop i hjertet",
            "Akut forløb en nat i oktober: kommunalt akutteam, lægevagt og hospital inden for to timer. "
            "Oplysningerne fra dagen efter har hun spærret for personalet.",
        ),
    )
}  # fmt: skip


BLOCKED = {"sigridur": (date(2026, 10, 18), date(2026, 10, 18))}
"""From and to which day a patient has blocked her data from staff."""
CITIZENS = {
    c.id: c
    for c in (
        *(Citizen(p.id, p.given, p.family, p.cpr) for p in PATIENTS.values() if p.id != "emil"),
        Citizen("maria", "Maria Vang", "Kjær", "0305869944", "Mor til Emil og Freja, og har forældremyndigheden."),
        Citizen(
            "lars", "Lars Bach", "Østergaard", "1908779937", "Har fuldmagt fra Ingrid til EKG og kommunale data.",
            (Power("ingrid", ("se_ekg", "se_kommune"), days=30),),
        ),
        Citizen("hanne", "Hanne Elin", "Friis", "2301729942", "Værge for Bent."),
    )
}  # fmt: skip
"""Who may sign in as a citizen, once 15: every patient of that age, and those who act for one."""
CUSTODY = {"maria": ("emil", "freja")}
GUARDIANS = {"hanne": ("bent",)}
"""Whose parent or guardian a citizen is, as the civil register would say."""


def _user(id: str, title: str, name: str, place: str, cpr: str, about: str, **more: str | bool) -> User:
    organisation = ORGANISATIONS[place]
    return User(id, title, name, organisation.name, organisation.sor, cpr=cpr, about=about, **more)  # type: ignore[arg-type]


USERS = {
    u.id: u
    for u in (
        _user(
            "holm", "Læge", "Anna Holm", "nord", "1405759928", "Egen læge for patienterne; åbner fra praksis.",
            speciality="almen medicin", authorised=True,
        ),
        _user(
            "juhl", "Læge", "Per Juhl", "hjerte", "2203689935", "Ser patienterne på hospitalet.",
            speciality="kardiologi", authorised=True,
        ),
        _user(
            "kvist", "Læge", "Signe Kvist", "syd", "0811829924", "Har ingen adgang til nogen af patienterne.",
            speciality="almen medicin", authorised=True,
        ),
        _user(
            "krogh", "Sygeplejerske", "Mette Krogh", "akut", "3005849962", "Modtager patienterne på hospitalet.",
            authorised=True,
        ),
        _user(
            "lund", "Lægesekretær", "Tina Lund", "nord", "1710919948", "Arbejder på vegne af Læge Anna Holm.",
            role="assistant", on_behalf_of="holm",
        ),
        _user(
            "dahl", "Hjemmesygeplejerske", "Lone Dahl", "horsens", "0604799986", "Ser sin egen kommunes oplysninger.",
            role="municipal", authorised=True,
        ),
        _user(
            "bech", "Social- og sundhedshjælper", "Amir Bech", "horsens", "2509939917",
            "Ser sin egen kommunes oplysninger; har ingen autorisation.", role="municipal",
        ),
        _user(
            "winther", "Logkontrollant", "Ulla Winther", "oestfjord", "1201649950",
            "Kontrollerer hospitalets opslag; ser ingen journaler.", role="log-controller",
        ),
        User("admin", "", "Administrator", "", "", admin=True, about="Passer driften; ser ingen journaler."),
    )
}  # fmt: skip
