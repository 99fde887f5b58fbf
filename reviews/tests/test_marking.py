"""Every look-up is marked, each mark is an event, nobody overwrites anybody, and what is closed stays as it was."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.models import Case
from access.tests.cast import ISSUER, JENS, NANCY, person
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import Actor, NotRecorded, record
from audit.tests.conftest import Scratch, empty_database
from exports.paper import NotMade
from organisations.models import Organisation
from patients.registry import patient_for, remember_name
from reviews.models import LookUp, Review
from reviews.tests.conftest import (
    BEGINS,
    DRAW,
    HOSPITAL,
    MONDAY,
    NOW,
    PAGES,
    WARD,
    controller,
    drawn,
    looked,
    lookup,
    many,
    mark,
    text,
)  # fmt: skip

__all__ = ["empty_database"]
WORDS = "Var du på vagt den dag, og hvorfor så du tre EKG'er?"
ANSWER = "Borgeren var overflyttet fra skadestuen samme nat."
QUERY: dict[str, Any] = {"vurdering": "case", "spoergsmaal": "no-relation", "begrundelse": WORDS}
ANSWERED = QUERY | {"vurdering": "not-justified", "spoergsmaal": "known-person", "svar": ANSWER}


@pytest.fixture
def karl(log: Any) -> Client:
    return controller()


@pytest.fixture
def review(log: Any, karl: Client) -> Review:
    """Three look-ups, of two people, at two units."""
    looked(log, MONDAY, Action.OVERVIEW_VIEWED, cpr=JENS)
    looked(log, MONDAY + timedelta(hours=1), Action.EKG_RECORDING_VIEWED, by="kvist", unit=HOSPITAL)
    looked(log, MONDAY + timedelta(hours=2), Action.EOJ_VIEWED)
    remember_name(patient_for(NANCY), "Nancy Ann Berggren", BEGINS)
    return drawn(karl)


def page(client: Client, review: Review, query: str = "") -> str:
    return text(client.get(f"{PAGES}{review.pk}/change/{query}"))


def everywhere_in_the_audit() -> str:
    return str(list(AuditEvent.objects.values_list("event", "reason", "entity", "actor_subject")))


def test_one_look_up_tells_whom_it_was_about_and_the_whole_number_only_when_asked(
    karl: Client, review: Review, events: Any
) -> None:
    events()
    one = karl.get(f"{PAGES}{review.pk}/opslag/2/")
    for expected in ("Læge Signe Kvist", "Nancy Ann Berggren, 251248-••••", "1 EKG", "Østfjord Universitetshospital"):
        assert expected in text(one)
    assert not {NANCY, "251248-9996"} & set(text(one).split())
    assert "251248-9996" in text(karl.post(f"{PAGES}{review.pk}/opslag/2/cpr/"))
    assert karl.get(f"{PAGES}{review.pk}/opslag/2/cpr/").status_code == 302, "an address shows no number"
    assert karl.get(f"{PAGES}{review.pk}/opslag/9/").status_code == 404
    assert events() == [
        ("review_lookup.viewed", 0, "ReviewLookUp"),
        ("review_lookup.viewed", 0, "ReviewLookUp"),
        ("review_lookup.viewed", 4, "Review"),
    ]
    told = AuditEvent.objects.filter(action="review_lookup.viewed").order_by("id").values_list("event", flat=True)
    assert ["whole" in str(each) for each in told] == [False, True, False], (
        "when the number was shown, the event says so"
    )
    about = set(AuditEvent.objects.filter(entity=str(lookup(review, 2))).values_list("patient_ref", flat=True))
    assert about == {lookup(review, 2).patient_ref}


def test_each_mark_is_an_event_without_its_words_and_the_rest_of_the_page_is_asked_about(
    karl: Client, review: Review, events: Any
) -> None:
    tags = re.findall(r"Borger (\w{6}):", page(karl, review))
    assert (len(tags), tags[1]) == (3, tags[2])
    assert tags[0] != tags[1]
    events()
    posted = {"gennemgaaet": "1.0", "vis": "umarkeret", "efter": "0"}
    answer = karl.post(f"{PAGES}{review.pk}/marker/", posted)
    assert answer["Location"] == f"{PAGES}{review.pk}/change/?vis=umarkeret#opslag-1"
    assert mark(karl, review, 2, **QUERY).status_code == 302
    assert events() == [
        ("review_lookup.marked", 0, "ReviewLookUp"),
        ("case.opened", 0, "Case"),
        ("review_lookup.marked", 0, "ReviewLookUp"),
    ]
    told = AuditEvent.objects.filter(action="review_lookup.marked").order_by("id")
    assert [(each.reason, each.patient_ref) for each in told] == [
        ("reviewed", lookup(review, 1).patient_ref),
        ("queried", lookup(review, 2).patient_ref),
    ]
    listed = page(karl, review)
    assert "2 af 3 opslag er markeret 1 gennemgået, 1 spurgt 1 opslag skal markeres" in listed
    assert "Gennemgået Karl Ontrol, 25.11.2026 kl. 12.00" in listed
    assert "Spurgt: Ingen kendt behandling på enheden – sagen venter på svar" in listed
    assert "Der er ingen opslag at vise" in page(karl, review, "?vis=vaerdispring")
    asked = karl.post(f"{PAGES}{review.pk}/marker/", {"nummer": ["3", "2"]})
    assert "Du er ved at markere 1 opslag som gennemgået og i orden." in text(asked)
    assert lookup(review, 3).mark == ""
    karl.post(f"{PAGES}{review.pk}/marker/", {"nummer": ["3", "2"], "ja": "1"})
    assert [lookup(review, number).mark for number in (1, 2, 3)] == ["reviewed", "queried", "reviewed"]
    assert WORDS not in everywhere_in_the_audit()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"vurdering": ""}, "Vælg en vurdering af opslaget."),
        ({"vurdering": "x"}, "Vælg en vurdering af opslaget."),
        ({"spoergsmaal": "x"}, "Vælg, hvad der er spurgt om."),
        ({"begrundelse": " kort  ​ "}, "Skriv på mindst 10 tegn, hvad der er spurgt om."),
        ({"begrundelse": "x" * 2001}, "Skriv højst 2000 tegn."),
        ({"svar": ""}, "Skriv svaret på mindst 10 tegn."),
    ],
)
def test_a_question_takes_a_code_and_words_and_what_was_written_stays_in_the_form(
    karl: Client, review: Review, changed: dict[str, str], sentence: str
) -> None:
    answer = mark(karl, review, 1, **ANSWERED | changed)
    assert answer.status_code == 422
    assert sentence in text(answer)
    if "begrundelse" not in changed:
        assert WORDS.replace("'", "&#x27;") in answer.content.decode()
    assert (lookup(review).mark, Case.objects.count()) == ("", 0)


def test_a_case_carries_the_question_to_the_queue_and_its_answer_back_to_the_list(karl: Client, review: Review) -> None:
    mark(karl, review, 2, **QUERY)
    case = Case.objects.get()
    kept = lookup(review, 2)
    assert (case.kind, case.event, case.question, case.user_id) == ("review", kept.event, WORDS, kept.actor_ref)
    assert (case.organisation_id, case.organisation_name) == (HOSPITAL, "Østfjord Universitetshospital")
    assert case.pk == kept.case
    assert WORDS in text(karl.get(f"/admin/access/case/{case.pk}/change/"))
    # Another question takes the first one back; it is asked again as the same case.
    mark(karl, review, 2, version=1)
    case.refresh_from_db()
    assert (case.outcome, lookup(review, 2).case) == ("withdrawn", None)
    mark(karl, review, 2, version=2, **QUERY)
    case.refresh_from_db()
    assert (case.state, Case.objects.count()) == ("open", 1)
    karl.post(f"/admin/access/case/{case.pk}/change/", {"outcome": "not-justified", "answer": ANSWER})
    assert "Gennemgået: opslaget er ikke begrundet" in page(karl, review)
    for path, said in (("opslag/2/", {"vurdering": "reviewed", "version": 3}), ("marker/", {"gennemgaaet": "2.3"})):
        told = text(karl.get(karl.post(f"{PAGES}{review.pk}/{path}", said)["Location"]))
        assert "Sagen om opslaget er afgjort. Markeringen kan ikke ændres mere. Intet er ændret." in told
    assert ANSWER not in everywhere_in_the_audit()


def test_who_comes_second_overwrites_nothing_and_is_told(karl: Client, review: Review, events: Any) -> None:
    olga = controller(name="Olga Ther")
    mark(olga, review, 1, **ANSWERED)
    events()
    for answer in (mark(karl, review, 1), karl.post(f"{PAGES}{review.pk}/marker/", {"gennemgaaet": "1.0"})):
        assert answer["Location"] == f"{PAGES}{review.pk}/opslag/1/"
    assert events() == []
    told = text(karl.get(f"{PAGES}{review.pk}/opslag/1/"))
    assert "En anden har markeret opslaget eller afsluttet gennemgangen" in told
    assert "Olga Ther" in told
    assert lookup(review).outcome == "not-justified"
    karl.post(f"{PAGES}{review.pk}/marker/", {"nummer": ["1", "2", "3"], "ja": "1"})
    assert "En anden har markeret nogle af dem" in page(karl, review)
    assert (lookup(review).outcome, lookup(review, 2).mark) == ("not-justified", "reviewed")


def test_a_mark_that_cannot_be_recorded_is_not_made(karl: Client, review: Review) -> None:
    with patch("reviews.marking.record", side_effect=NotRecorded("down")):
        assert mark(karl, review, 2, **QUERY).status_code == 503
    with patch("reviews.marking.record_many", side_effect=NotRecorded("down")):
        assert karl.post(f"{PAGES}{review.pk}/marker/", {"nummer": "1", "ja": "1"}).status_code == 503
    assert not LookUp.objects.exclude(mark="").exists()
    assert not Case.objects.exists()


def test_it_is_closed_when_every_look_up_is_marked_and_nothing_changes_afterwards(
    karl: Client, review: Review, events: Any
) -> None:
    karl.post(f"{PAGES}{review.pk}/luk/")
    assert "Gennemgangen kan ikke afsluttes, før alle opslag er markeret." in page(karl, review)
    assert karl.get(f"{PAGES}{review.pk}/rapport.pdf").status_code == 404
    mark(karl, review, 2, **QUERY)
    karl.post(f"{PAGES}{review.pk}/marker/", {"nummer": ["1", "3"], "ja": "1"})
    events()
    assert karl.get(f"{PAGES}{review.pk}/luk/").status_code == 302
    assert events() == [], "an address changes nothing"
    karl.post(f"{PAGES}{review.pk}/luk/")
    assert events() == [("review.closed", 0, "Review")]
    closed = page(karl, review)
    assert "Gennemgangen er afsluttet 25.11.2026 kl. 12.00 af Karl Ontrol." in closed
    assert "Markér resten" not in closed
    assert WORDS in text(karl.get(f"{PAGES}{review.pk}/opslag/2/"))
    events()
    for answer in (mark(karl, review, 1, version=1, **ANSWERED), karl.post(f"{PAGES}{review.pk}/luk/")):
        assert answer.status_code == 302
    assert events() == []
    assert lookup(review).mark == "reviewed"
    for said in (
        "UPDATE reviews_lookup SET text = 'x'",
        "UPDATE reviews_review SET closed = NULL, closed_by_id = NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(said)
    assert "2. halvår 2026: gennemgået og afsluttet." in text(karl.get(PAGES))


def test_what_was_closed_is_kept_for_five_years_and_then_forgotten(log: Any, karl: Client) -> None:
    looked(log, MONDAY)
    kept = drawn(karl)
    old = {field.attname: getattr(kept, field.attname) for field in Review._meta.concrete_fields}
    before = NOW - timedelta(days=20 * 365)
    controller_id = kept.drawn_by_id
    gone = Review.objects.create(
        **old | {"id": uuid4(), "year": 2006, "drawn": before, "closed": before, "closed_by_id": controller_id}
    )
    line = {field.attname: getattr(lookup(kept), field.attname) for field in LookUp._meta.concrete_fields}
    LookUp.objects.create(**line | {"id": 999_999, "review_id": gone.pk})
    call_command("forget_reviews")
    assert list(Review.objects.values_list("pk", flat=True)) == [kept.pk]
    assert list(LookUp.objects.values_list("review", flat=True)) == [kept.pk]


def test_the_report_is_a_tagged_file_with_figures_and_deviations_and_nobody_who_was_looked_up(
    karl: Client, review: Review, events: Any
) -> None:
    mark(karl, review, 1)
    mark(karl, review, 2, **QUERY)
    mark(controller(name="Olga Ther"), review, 3, **ANSWERED)
    karl.post(f"{PAGES}{review.pk}/luk/")
    events()
    answer = karl.get(f"{PAGES}{review.pk}/rapport.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="gennemgang-2026-W47.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert events() == [("review_report.fetched", 0, "Review")]
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert (str(pdf.Root.Lang), str(pdf.docinfo.Title)) == (
            "da",
            f"Gennemgang af opslag: Uge 47, 2026 · {'Østfjord Universitetshospital'}",
        )
    said = " ".join(
        "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(answer.content)).split()
    )
    for expected in (
        "Opslag i ugen 3", "Gennemgået og i orden 1", "Spurgt 2", "Besvaret: opslaget er ikke begrundet 1",
        "Sagen venter på svar 1", "Medarbejdere, der slog op 2", "Borgere, der blev slået op 2",
        "Hjertesygdomme 2 1", "Karl Ontrol 2 25.11.2026 kl. 12.00",
        "Olga Ther 1 25.11.2026 kl. 12.00", "Ingen kendt behandling på enheden",
        "1. trækning i 2. halvår 2026, foretaget 25.11.2026", "Afsluttet 25.11.2026",
    ):  # fmt: skip
        assert expected in said
    for hidden in ("Berggren", "Thorsen", NANCY[:6], JENS[:6], "Holm", "Kvist", WORDS[:20], ANSWER[:20]):
        assert hidden not in said
    with patch("reviews.report.paper.made", side_effect=NotMade("too slow")):
        assert karl.get(f"{PAGES}{review.pk}/rapport.pdf")["Location"] == f"{PAGES}{review.pk}/change/"
    assert "Rapporten kan ikke laves lige nu." in page(karl, review)
    assert ("review_report.fetched", 8, "Review") in events()


def test_a_week_without_look_ups_is_closed_as_it_is(log: Any) -> None:
    karl = controller()
    review = drawn(karl)
    assert "Der var ingen opslag i ugen. Gennemgangen kan afsluttes." in page(karl, review)
    karl.post(f"{PAGES}{review.pk}/luk/")
    review.refresh_from_db()
    assert review.closed


def test_five_hundred_look_ups_cost_as_many_queries_as_one_and_come_page_by_page(log: Any, karl: Client) -> None:
    def costs(karl: Client, review: Review) -> dict[str, int]:
        found = {}
        rest = {"nummer": [str(number) for number in range(1, 51)]}
        asks: dict[str, Callable[[], Any]] = {
            "list": lambda: karl.get(f"{PAGES}{review.pk}/change/"),
            "rest": lambda: karl.post(f"{PAGES}{review.pk}/marker/", rest),
            "marks": lambda: karl.post(f"{PAGES}{review.pk}/marker/", rest | {"ja": "1"}),
            "marked": lambda: karl.get(f"{PAGES}{review.pk}/change/"),
            "one": lambda: karl.get(f"{PAGES}{review.pk}/opslag/1/"),
            "index": lambda: karl.get("/admin/"),
        }
        for name, ask in asks.items():
            with CaptureQueriesContext(connection) as said:
                assert ask().status_code in (200, 302)
            found[name] = len(said)
        return found

    many(log, 1)
    few = costs(karl, drawn(karl))
    log.move_to(NOW + timedelta(days=7))
    record(Action.SOR_IMPORTED, actor=Actor("system"))
    holm = Actor("user", ISSUER, "holm", person("holm").pk, role="clinician", organisation=WARD)
    patient = patient_for(JENS).pk
    for number in range(500):
        log.move_to(MONDAY + timedelta(days=7, minutes=number))
        record(Action.OVERVIEW_VIEWED, actor=holm, patient=patient, context=f"context-{number:014}")
    log.move_to(NOW + timedelta(days=7))
    karl = controller()
    large = drawn(karl, grund="Der skal være mange opslag.")
    assert (large.size, str(large.week)) == (500, "2026-11-23")
    assert costs(karl, large) == few
    assert max(few.values()) <= 20, few
    first = karl.get(f"{PAGES}{large.pk}/change/").content.decode()
    assert first.count('<li id="opslag-') == 50
    assert "?efter=50" in first
    last = karl.get(f"{PAGES}{large.pk}/change/?efter=450").content.decode()
    assert 'id="opslag-500"' in last
    assert "?efter=500" not in last


def test_of_two_who_draw_or_mark_in_the_same_moment_one_is_told_that_the_other_came_first(
    empty_database: Scratch,
) -> None:
    """In a database of its own: here commits are real."""
    with empty_database.entered(), time_machine.travel(BEGINS) as clock:
        for room in ("audit", "organisations", "access", "reviews"):  # and what they need: less than the whole house
            call_command("migrate", room, database="owner", verbosity=0)
        for sor, parent in ((HOSPITAL, ""), (WARD, HOSPITAL)):
            Organisation.objects.create(sor=sor, name=sor, parent_sor=parent)
        record(Action.SOR_IMPORTED, actor=Actor("system"))
        looked(clock, MONDAY)
        clients = [controller(name=name) for name in ("Karl Ontrol", "Olga Ther")]

        def both(do: Any, *of: Any) -> list[Any]:
            def inside(*one: Any) -> Any:
                with empty_database.entered():
                    return do(*one)

            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(inside, clients, *of))

        answers = both(lambda client: client.post(f"{PAGES}traek/", DRAW))
        assert sorted(answer.status_code for answer in answers) == [302, 422]
        review = Review.objects.get()
        for version in range(3):
            both(lambda client, seen=version: mark(client, review, 1, seen))
            assert lookup(review).version == version + 1, "exactly one of them"
        assert AuditEvent.objects.filter(action="review_lookup.marked").count() == 3

        # The ward has drawn the same week, and both ask about the same look-up: one case, opened once.
        clients[1] = controller(WARD, name="Vera Ard")
        wards = drawn(clients[1], organisation=f"sor:{WARD}")
        asked = {"vurdering": "case", "spoergsmaal": "no-relation", "begrundelse": "Hvem har bedt om dette?"}
        both(lambda client, one, seen: mark(client, one, 1, seen, **asked), (review, wards), (3, 0))
        assert lookup(review).case == lookup(wards).case == Case.objects.get().pk
        assert AuditEvent.objects.filter(action="case.opened").count() == 1
        clients[1] = clients[0]
        closed = both(lambda client: client.post(f"{PAGES}{review.pk}/luk/"))
        assert [answer.status_code for answer in closed] == [302, 302]
        assert AuditEvent.objects.filter(action="review.closed").count() == 1
        with pytest.raises(DatabaseError, match="weeks have been drawn"):
            call_command("migrate", "reviews", "zero", database="owner", verbosity=0)
        assert LookUp.objects.count() == 2, "its migration does not go back over a draw"
