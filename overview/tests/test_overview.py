"""The overview: what is new, the newest EKG, what is active; each part for those who have it, each source by itself."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.tests.cast import NANCY, chosen, custody, launched, own
from audit.models import AuditEvent
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, STARTED, deliver, document, held, metadata
from ekg.tests.test_blocked import stored
from eoj.tests.reports import condition, plan, report
from eoj.tests.tab import HERE, NOW, Put, health, home
from fhir.bundle import Handling
from overview.tests.conftest import See
from overview.tests.reading import links, parts, sources, tabs
from sundhedsjournal.tests.pages import check_page, words
from terminology.registry import forget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]
NOTE = "V1 og V2 er byttet om."
NEWS, EKG, CARE = "Nyt til dig", "Nyeste EKG", "Aktive kommunale data"


def details(response: Any) -> dict[str, str]:
    """What the event of an answer says beside."""
    event = AuditEvent.objects.get(pk=response["X-Audit-Id"]).event
    told = [detail for entity in event["entity"] for detail in entity.get("detail", [])]
    return {detail["type"]: detail["valueString"] for detail in told}


@time_machine.travel(NOW, tick=False)
def test_it_opens_with_the_newest_ekg_and_what_is_active(put: Put, see: See) -> None:
    stored("old", 400)
    stored("new", note=NOTE)
    put(health())
    page = see()
    told = parts(page)
    assert told[EKG].startswith(
        "Nyeste EKG 12.03.2026 kl. 09.10 Kilden oplyser ikke hvor · Sted 999000000000016 "
        "Kommentar til tolkning: V1 og V2 er byttet om."
    )
    assert "2 EKG-optagelser" in told[EKG]
    assert "Helbredstilstande 1 Respiration og cirkulation 1 Indsatser 1 Efter sundhedsloven 1" in told[CARE]
    assert "Respirationsproblemer Helbredstilstand · Respiration og cirkulation · Oprettet 01.03.2026" in told[CARE]
    assert tabs(page) == ["*Oversigt", "EKG 2", "Kommunale data 2"]
    assert "EKG-deling, hentet kl. 12.00 Horsens Kommune, seneste rapport 01.05.2026 kl. 22.00" in sources(page)
    assert "Alle kilder svarede." in sources(page)


def test_the_picture_leads_to_the_recording_and_has_its_size_before_it_comes(see: See, client: Client) -> None:
    newest = stored("new")
    context = launched(client, "holm", NANCY)
    page = see(context)
    (image,) = list(check_page(page).iter("img"))
    address = f"/k/{context}/ekg/{newest.pk}/"
    assert image.getparent().get("href") == address
    assert image.get("src").startswith(f"{address}side/1/")
    assert (image.get("width"), image.get("height")) == ("1754", "1240")
    assert "Kurven kan ikke gengives som tekst" in image.get("alt")
    assert client.get(image.get("src")).status_code == 200
    ways = links(page)
    assert ways["12.03.2026 kl. 09.10"] == ways["Åbn EKG'et"] == address
    assert ways["1 EKG-optagelse"] == f"/k/{context}/ekg/"


def test_a_document_with_faults_has_its_reservation_here_too(see: See) -> None:
    deliver(document("one", making.recording(note=NOTE)), handling=Handling.DISCLAIMER)
    told = parts(see())[EKG]
    assert "Forbehold: Dokumentet indeholder fejl." in told
    assert f"Kommentar til tolkning: {NOTE}" in told


def test_a_sheet_with_another_cpr_number_warns_here_too_and_the_line_says_so(see: See) -> None:
    newest = stored("new")
    Recording.objects.filter(pk=newest.pk).update(printed_cpr_differs=True)
    page = see()
    assert "CPR-nummer" in parts(page)[EKG]
    assert details(page)["printed_cpr"] == "differs"


@time_machine.travel(NOW, tick=False)
def test_rows_and_counts_lead_to_their_list_on_the_tab(put: Put, see: See, client: Client) -> None:
    put(health())
    context = launched(client, "holm", NANCY)
    ways = links(see(context), "kommunale-data")
    assert ways["Helbredstilstande"] == ways["Respirationsproblemer"] == f"/k/{context}/kommune/#panel-health"
    assert ways["Indsatser"] == f"/k/{context}/kommune/#panel-intervention"
    tab = client.get(f"/k/{context}/kommune/").content.decode()
    assert 'id="panel-health"' in tab
    assert 'id="panel-intervention"' in tab


def test_what_is_new_is_counted_named_and_linked_for_each_part(put: Put, see: See, client: Client) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(health())
        with time_machine.travel(NOW - timedelta(days=3), tick=False):
            deliver(document("old", making.recording(started=STARTED - timedelta(days=9))))
        first = launched(client, "holm", NANCY)
        page = see(first)
        assert parts(page)[NEWS] == (
            "Nyt til dig Du har ikke set borgerens EKG'er før. Du har ikke set borgerens kommunale data før."
        )
        client.get(f"/k/{first}/ekg/")
        client.get(f"/k/{first}/kommune/")
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        page = see()
        assert parts(page)[NEWS] == (
            "Nyt til dig Ingen nye EKG-optagelser siden dit seneste opslag 30.05.2026 "
            "Ingen nye kommunale oplysninger siden dit seneste opslag 30.05.2026 kl. 12.00"
        )
        assert tabs(page) == ["*Oversigt", "EKG 1", "Kommunale data 2"]
        for number in range(4):
            deliver(document(f"new-{number}", making.recording(started=STARTED - timedelta(days=number), note=NOTE)))
        put(report(condition("I2.1", id="krop"), sor=HERE, timestamp="2026-05-30T20:00:00Z", id="ny"))
    with time_machine.travel(NOW, tick=False):
        context = launched(client, "holm", NANCY)
        for _ in range(2):
            page = see(context)
            news = parts(page)[NEWS]
            assert "4 nye EKG-optagelser siden dit seneste opslag 30.05.2026" in news
            assert news.count(f"Kommentar til tolkning: {NOTE}") == 3, "the newest three"
            assert "1 ny kommunal oplysning siden dit seneste opslag 30.05.2026 kl. 12.00" in news
            assert "Problemer med mobilitet og bevægelse" in news
            assert tabs(page) == ["*Oversigt", "EKG 5 4 nye", "Kommunale data 3 1 ny"]
            assert "Ny siden dit seneste opslag 30.05.2026" in parts(page)[EKG]
        ways = links(page, "nyt-til-dig")
        assert ways["12.03.2026 kl. 09.10"] == f"/k/{context}/ekg/{held('new-0').pk}/"
        assert ways["4 nye EKG-optagelser"] == f"/k/{context}/ekg/"


def test_looking_at_the_overview_is_no_look_at_its_parts(put: Put, see: See) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(health())
        deliver(document())
        see()
    with time_machine.travel(NOW, tick=False):
        assert "Du har ikke set borgerens EKG'er før." in parts(see())[NEWS]


@time_machine.travel(NOW, tick=False)
def test_it_leaves_one_line_that_names_the_recording_on_the_screen_and_the_parts(put: Put, see: See) -> None:
    deliver(document())
    put(health())
    page = see()
    line = AuditEvent.objects.get(pk=page["X-Audit-Id"])
    assert (line.action, line.entity, line.outcome) == ("overview.viewed", f"Recording/{held().pk}", 0)
    assert details(page)["parts"] == "ekg+kommune"


# ── nothing, and not known ──────────────────────────────────────────────────────────────────────────────────────────
def test_where_there_is_nothing_it_says_so_and_where_it_was_looked_for(see: See) -> None:
    page = see()
    told = parts(page)
    assert "Ingen EKG-optagelser er delt for denne borger. Søgt i EKG-deling kl." in told["EKG"]
    assert "Ingen kommunale oplysninger kan vises her for denne borger." in told[CARE]
    assert tabs(page) == ["*Oversigt", "EKG 0", "Kommunale data 0"]
    assert "Kommunale data, søgt kl." in sources(page)


@time_machine.travel(NOW, tick=False)
def test_what_has_ended_is_not_active_and_can_still_be_reached(put: Put, see: See) -> None:
    put(report(plan("G1.29", "2026-03-02", id="behandling", status="completed"), sor=HERE, id="slut"))
    page = see()
    assert "Ingen aktive oplysninger. Vis alle" in parts(page)[CARE]
    assert links(page, "kommunale-data")["Vis alle"].endswith("/kommune/?vis=alle")


def test_recordings_that_were_all_replaced_are_not_called_none(see: See) -> None:
    deliver(document("old"))
    deliver(document("new"), metadata("urn:uuid:new", replaces=("urn:uuid:old",)))
    making.update(metadata("urn:uuid:new", status="entered-in-error"))
    assert "De optagelser, der er delt, er erstattet af kilden. Vis dem" in parts(see())["EKG"]


SOURCES = {"ekg": "ekg.queries.select", "kommune": "eoj.queries.everything"}


def dead(*_args: Any, **_named: Any) -> Any:
    raise OperationalError("canceling statement due to statement timeout")


@pytest.mark.parametrize("which", SOURCES)
@time_machine.travel(NOW, tick=False)
def test_a_source_that_does_not_answer_says_so_and_takes_no_other_along(
    put: Put, see: See, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    deliver(document())
    put(health())
    monkeypatch.setattr(SOURCES[which], dead)
    page = see()
    told, whole = parts(page), words(check_page(page))
    assert "1 af 2 kilder svarede ikke. Oversigten kan være ufuldstændig. Prøv igen" in whole
    assert "Alle kilder svarede." not in whole
    assert "Ingen" not in whole.replace("Ingen kommentar til tolkning", "")
    if which == "ekg":
        assert "EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er." in told["EKG"]
        assert "Respirationsproblemer" in told[CARE]
        assert "EKG-deling svarer ikke Horsens Kommune, seneste rapport" in sources(page)
        assert tabs(page) == ["*Oversigt", "EKG", "Kommunale data 2"]
    else:
        assert "Kommunale data svarer ikke lige nu. Vi ved ikke, om der findes oplysninger." in told[CARE]
        assert "12.03.2026 kl. 09.10" in told[EKG]
        assert "Kommunale data svarer ikke" in sources(page)
        assert tabs(page) == ["*Oversigt", "EKG 1", "Kommunale data"]
    line = AuditEvent.objects.get(pk=page["X-Audit-Id"])
    assert line.entity == ("" if which == "ekg" else f"Recording/{held().pk}")


@time_machine.travel(NOW, tick=False)
def test_when_none_answers_nobody_reads_that_there_is_nothing(see: See, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in SOURCES.values():
        monkeypatch.setattr(place, dead)
    page = see()
    whole = words(check_page(page))
    assert "2 af 2 kilder svarede ikke." in whole
    assert "Ingen" not in whole


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────
@time_machine.travel(NOW, tick=False)
def test_who_has_no_ekgs_reads_nothing_of_them(put: Put, client: Client, settings: Any) -> None:
    deliver(document("one", making.recording(note=NOTE)), metadata(facility_type=HOSPITAL))
    put(home())
    context = launched(client, "krogh", NANCY, org={"sor": HERE})
    page = client.get(f"/k/{context}/")
    assert list(parts(page)) == [NEWS, CARE]
    assert tabs(page) == ["*Oversigt", "Kommunale data 3"]
    assert NOTE not in page.content.decode()
    assert "EKG" not in words(check_page(page).find(".//main")) + sources(page)
    assert AuditEvent.objects.get(pk=page["X-Audit-Id"]).entity == ""
    settings.MUNICIPAL_SEES_EKG = True
    assert list(parts(client.get(f"/k/{context}/"))) == [NEWS, EKG, CARE]


@time_machine.travel(NOW, tick=False)
def test_the_law_decides_here_as_on_the_tab(put: Put, client: Client) -> None:
    put(home())
    doctor, nurse = launched(client, "holm", NANCY), Client()
    here = launched(nurse, "krogh", NANCY, org={"sor": HERE})
    hers, his = parts(nurse.get(f"/k/{here}/"))[CARE], parts(client.get(f"/k/{doctor}/"))[CARE]
    assert "Funktionsevnetilstande 1 Mobilitet 1" in hers
    assert "Funktionsevnetilstande" not in his
    assert "Vises ikke her:" in his
    assert "funktionsevnetilstande" in his


def test_a_citizen_is_spoken_to_and_meets_no_curve(client: Client) -> None:
    stored("new", note=NOTE)
    context = own(client, "nancy")
    page = client.get(f"/borger/{context}/")
    told = parts(page)
    assert told[NEWS].startswith("Nyt til dig Du har ikke set EKG'er her før.")
    assert f"Kommentar fra personalet: {NOTE}" in told[EKG]
    assert list(check_page(page).iter("img")) == []
    assert links(page)["Åbn EKG'et"] == f"/borger/{context}/ekg/{held('new').pk}/"
    assert tabs(page)[0] == "*Oversigt"
    assert "borgeren" not in words(check_page(page)).lower()


def test_an_empty_overview_says_you_to_oneself_and_not_to_a_parent(client: Client) -> None:
    custody()
    mine = parts(client.get(f"/borger/{own(client, 'maria')}/"))
    assert "Ingen EKG-optagelser er delt om dig." in mine["EKG"]
    assert "Ingen kommunale oplysninger om dig kan vises her." in mine[CARE]
    his = parts(client.get(f"/borger/{chosen(client, 'custody', '1209179943')}/"))
    assert "Ingen EKG-optagelser er delt om denne person." in his["EKG"]


def test_what_is_hidden_from_holders_of_custody_is_not_here_either(client: Client) -> None:
    custody()
    deliver(document("secret", cpr="1209179943"))
    Recording.objects.update(hidden_from_custody=True)
    own(client, "maria")
    page = parts(client.get(f"/borger/{chosen(client, 'custody', '1209179943')}/"))
    assert "Ingen EKG-optagelser" in page["EKG"]


# ── what it costs ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_costs_the_same_queries_for_one_fifty_and_five_hundred(put: Put, see: See, client: Client) -> None:
    context = launched(client, "holm", NANCY)
    client.get(f"/k/{context}/ekg/")

    def cost() -> int:
        see(context)
        forget()  # or the catalogue is asked for in one of them, by the clock
        with CaptureQueriesContext(connection) as asked:
            assert see(context).status_code == 200
        return len(asked)

    deliver(document("first"))
    said = {field.attname: getattr(held("first"), field.attname) for field in Recording._meta.concrete_fields}
    del said["id"]

    def copy(number: int) -> Recording:
        apart = {"content_sha256": making.sha256(f"{number}".encode()), "started": STARTED - timedelta(days=number)}
        return Recording(**said | apart)

    counts, held_so_far = [], 1
    for day, count in enumerate((1, 50, 500), start=1):
        Recording.objects.bulk_create(copy(number) for number in range(held_so_far, count))
        rows = [condition("I7.1", id=f"c{number}", recorded="2026-03-01") for number in range(count)]
        put(report(*rows, sor=HERE, id=f"mange-{count}", timestamp=f"2026-05-{day:02}T20:00:00Z"))
        held_so_far = count
        counts.append(cost())
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 12, counts
