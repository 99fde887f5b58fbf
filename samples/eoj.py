"""Our own municipal reports: `python -m samples.eoj` writes samples/eoj anew. The same code makes the same bytes.

| who | where | what a reader must manage |
|---|---|---|
| ingrid | Horsens | five functional conditions with goals; §§ 83, 83 a until 2025-06-30, then Ældreloven |
| jens | Horsens | health conditions and § 138: one ended, one no longer in focus, unplanned interventions |
| bent | Silkeborg, then Favrskov | nursing and home care; moved on 1 February 2026, so two records |
| nancy | Aarhus | level 9, an error, a concept that we do not describe, a completed plan without its end |
| grethe | Randers | the old manner: older keys, follow-up as an extension, areas at risk, the citizen's own view |
| farid | Aarhus | reported on the wrong CPR number: all of it in error the day after, the record closed |
| sigridur | Aarhus | one delivery of three reports, the newest first; under pension age, so §§ 83–86 |
| grethe | Randers | refused: a functional condition without its level |

File names begin with a number in the order of sending, which is the order of time. Ids are UUIDv5 of names, so a report
made later speaks of the same resources. Every report lies before the demo's today, 20 November 2026.
"""

from collections.abc import Iterator

from samples.care import Record, Tree, delivery, report, unchanged
from samples.files import FOLDER
from samples.rendition import as_json

INVALID = "without-level"


def ingrid() -> Iterator[Tree]:
    """Help at home that changes law, and a level that is assessed anew."""
    own, home, food, shop, move = "Personlig_pleje", "J2.1", "J2.2", "J2.4", "Mobilitet_og_bevaegelse"
    her, first = Record("ingrid", "horsens"), "2025-03-04"
    at = "2025-03-04T20:15:00+01:00"
    conditions = [
        her.condition(code, first, level) for code, level in ((own, 3), (home, 3), (food, 2), (shop, 3), (move, 2))
    ]
    hygiene = ("H1.1", "2025-03-05")
    yield report(
        "ingrid-2025-03-04", at,
        her.citizen(),
        *conditions,
        her.goal(own, 2, first),
        her.goal(home, 3, first),
        her.goal(food, 2, first),
        her.goal(shop, 3, first),
        her.goal(move, 1, first),
        her.plan(*hygiene, "", own),
        her.plan("H1.8", "2025-03-06", "", home, local=("R-14", "Rengøring hver 14. dag")),
        her.plan("H1.7", "2025-03-06", "", shop),
        her.plan("H1.11", "2025-03-05", "", food),
        her.plan("H2.4", "2025-03-10", "2025-05-26", move, local=("TR-2", "Træning i hjemmet to gange om ugen")),
        her.follow_up("first", "2025-05-27", own, home, food, shop, move),
    )  # fmt: skip

    spring = "2025-05-27T21:05:00+02:00"
    kept = [unchanged(each, at) for each in conditions[:4]]
    better = her.condition(move, first, 1)
    yield report(
        "ingrid-2025-05-27", spring,
        her.citizen(),
        *kept,
        better,
        her.goal(move, 1, "2025-05-27"),
        her.plan("H2.4", "2025-03-10", "2025-05-26", move, status="completed",
                 local=("TR-2", "Træning i hjemmet to gange om ugen")),
        her.follow_up("first", "2025-05-27", own, home, food, shop, move, status="finished"),
        her.result("continued", "2025-05-27", own, home, food, shop),
        her.result("ended", "2025-05-27", move),
        her.follow_up("second", "2025-09-02", own, home, food, shop, move),
    )  # fmt: skip

    law = "2025-07-01T19:40:00+02:00"
    yield report(
        "ingrid-2025-07-01", law,
        her.citizen(),
        *kept,
        her.plan(*hygiene, "2025-06-30", own, status="completed"),
        her.plan("H1.8", "2025-03-06", "2025-06-30", home, status="completed",
                 local=("R-14", "Rengøring hver 14. dag")),
        her.plan("H1.7", "2025-03-06", "2025-06-30", shop, status="completed"),
        her.plan("H1.11", "2025-03-05", "2025-06-30", food, status="completed"),
        her.plan("Personlig_hjaelp_og_pleje", "2025-07-01", "", own, delivered=("individual",)),
        her.plan("Praktisk_hjaelp_i_hjemmet", "2025-07-01", "", home, shop,
                 local=("AE-31", "Gulvene klares af robotstøvsuger"), delivered=("individual", "robot")),
        her.plan("Madservice", "2025-07-01", "", food),
    )  # fmt: skip

    winter = "2026-01-13T20:30:00+01:00"
    now = [
        her.condition(own, first, 2),
        unchanged(conditions[1], at),
        her.condition(food, first, 3),
        unchanged(conditions[3], at),
        her.condition(move, first, 2),
    ]
    yield report(
        "ingrid-2026-01-13", winter,
        her.citizen(),
        *now,
        her.goal(own, 1, "2026-01-13"),
        her.goal(food, 3, "2026-01-13"),
        her.goal(move, 1, "2026-01-13"),
        her.plan("Genoptraening", "2026-01-20", "2026-04-14", move, delivered=("group",)),
        her.follow_up("second", "2026-01-13", own, home, food, shop, move, status="finished"),
        her.result("adjusted", "2026-01-13", own, food, move),
        her.follow_up("third", "2027-01-12", own, home, food, shop, move, manner="telephone"),
    )  # fmt: skip

    after = "2026-04-14T18:55:00+02:00"
    yield report(
        "ingrid-2026-04-14",
        after,
        her.citizen(),
        her.condition(move, first, 1),
        her.plan("Genoptraening", "2026-01-20", "2026-04-14", move, status="completed", delivered=("group",)),
        her.result("ended", "2026-04-14", move),
    )


def jens() -> Iterator[Tree]:
    """A wound that heals, swollen legs that stay, and pain that the nurses no longer follow."""
    blood, wound, pain = "I7.2", "Problemer_med_andre_saar", "Problemer_med_smerter"
    his, first, at = Record("jens", "horsens"), "2025-09-02", "2025-09-02T21:10:00+02:00"
    conditions = [his.condition(code, first) for code in (blood, wound, pain)]
    yield report(
        "jens-2025-09-02", at,
        his.citizen(),
        *conditions,
        his.plan("G1.39", first, "2025-12-01", wound),
        his.plan("G1.19", "2025-09-03", "", blood, wound),
        his.plan("G1.22", "2025-09-03", "2026-06-09", pain),
        his.plan("G1.21", "2025-09-08", "", blood, pain, local=("MED-7", "Dosering hver mandag")),
        his.done("G1.41", "2025-09-02T10:20:00+02:00", blood),
        his.follow_up("first", "2025-11-18", blood, wound, pain),
    )  # fmt: skip
    yield report(
        "jens-2025-11-18", "2025-11-18T19:25:00+01:00",
        his.citizen(),
        unchanged(conditions[0], at),
        his.condition(wound, first, state="ended"),
        unchanged(conditions[2], at),
        his.plan("G1.39", first, "2025-11-18", wound, status="completed"),
        his.done("G1.41", "2025-11-18T09:45:00+01:00", blood),
        his.follow_up("first", "2025-11-18", blood, wound, pain, status="finished"),
        his.result("ended", "2025-11-18", wound),
        his.result("continued", "2025-11-18", blood, pain),
        his.follow_up("second", "2026-06-09", blood, pain, manner="screen"),
    )  # fmt: skip
    yield report(
        "jens-2026-06-09", "2026-06-09T20:00:00+02:00",
        his.citizen(),
        unchanged(conditions[0], at),
        his.condition(pain, first, state="out-of-focus"),
        his.plan("G1.22", "2025-09-03", "2026-06-09", pain, status="completed"),
        his.done("Udtagelse_af_kapillaerblodproever_veneblodproever", "2026-06-09T08:30:00+02:00", blood),
        his.follow_up("second", "2026-06-09", blood, pain, status="finished", manner="screen"),
        his.follow_up("third", "2026-12-08", blood),
    )  # fmt: skip


def bent() -> Iterator[Tree]:
    """He moves: the one municipality ends everything, the other begins with records of its own."""
    food, home, move = "Problemer_med_ernaering", "J2.1", "Mobilitet_og_bevaegelse"
    old, first = Record("bent", "silkeborg"), "2025-08-19"
    practical = ("Praktisk_hjaelp_i_hjemmet", "2025-08-20")
    yield report(
        "bent-2025-08-19", "2025-08-19T20:45:00+02:00",
        old.citizen(),
        old.condition(food, first),
        old.condition(home, first, 3),
        old.condition(move, first, 2),
        old.goal(home, 3, first),
        old.goal(move, 1, first),
        old.plan("G1.12", first, "", food),
        old.plan(*practical, "", home, delivered=("individual",)),
        old.plan("Genoptraening", "2025-09-01", "2025-11-28", move, delivered=("group", "digital")),
        old.follow_up("first", "2026-02-17", food, home, move),
    )  # fmt: skip
    yield report(
        "bent-2026-02-01", "2026-02-01T18:05:00+01:00",
        old.citizen(),
        old.condition(food, first, state="ended"),
        old.condition(home, first, 3, state="ended"),
        old.condition(move, first, 2, state="ended"),
        old.plan("G1.12", first, "2026-01-31", food, status="completed"),
        old.plan(*practical, "2026-01-31", home, status="completed", delivered=("individual",)),
        old.plan("Genoptraening", "2025-09-01", "2025-11-28", move, status="completed", delivered=("group", "digital")),
        old.follow_up("first", "2026-02-17", food, home, move, status="entered-in-error"),
    )  # fmt: skip
    new, second = Record("bent", "favrskov"), "2026-02-02"
    yield report(
        "bent-2026-02-02", "2026-02-02T20:20:00+01:00",
        new.citizen(),
        new.condition("Problemer_med_vaegt", second),
        new.condition(home, second, 3),
        new.condition(move, second, 2),
        new.goal(home, 3, second),
        new.goal(move, 2, second),
        new.plan("G1.12", second, "", "Problemer_med_vaegt"),
        new.plan("Praktisk_hjaelp_i_hjemmet", "2026-02-01", "", home, delivered=("individual",)),
        new.plan("Personlig_hjaelp_og_pleje", "2026-02-01", "", move),
        new.follow_up("first", "2026-08-11", "Problemer_med_vaegt", home, move),
    )  # fmt: skip
    yield report(
        "bent-2026-08-11", "2026-08-11T19:50:00+02:00",
        new.citizen(),
        new.condition("Problemer_med_vaegt", second),
        new.condition(home, second, 3),
        new.condition(move, second, 3),
        new.goal(move, 2, "2026-08-11"),
        new.follow_up("first", "2026-08-11", "Problemer_med_vaegt", home, move, status="finished"),
        new.result("reassessed", "2026-08-11", move),
        new.follow_up("second", "2027-02-09", "Problemer_med_vaegt", home, move),
    )  # fmt: skip


def nancy() -> Iterator[Tree]:
    """Breathlessness at home, and what municipalities really send: errors, level 9, an end without a date."""
    breath, alone, own, spirits = "I7.1", "Problemer_med_trivsel", "Personlig_pleje", "Trivsel_funktionsevnetilstand"
    her, first, at = Record("nancy", "aarhus"), "2025-10-14", "2025-10-14T20:10:00+02:00"
    conditions = [
        her.condition(breath, first),
        her.condition(own, first, 1),
        her.condition(spirits, first, 9),
        her.condition("J2.2", first, 2),
    ]
    watched = "Hjaelp_til_hjemmemonitorering_relateret_til_hjerte"
    yield report(
        "nancy-2025-10-14", at,
        her.citizen(),
        *conditions,
        her.condition(alone, first),
        her.goal(own, 1, first),
        her.goal("J2.2", 1, first),
        her.plan(watched, "2025-10-20", "", breath, delivered=("digital",)),
        her.plan("G1.20", "2025-10-15", "", breath),
        her.plan("Madservice", "2025-10-16", "", "J2.2"),
        her.done("G1.41", "2025-10-14T11:05:00+02:00", breath),
        her.follow_up("first", "2026-03-24", breath, own, spirits, "J2.2"),
    )  # fmt: skip
    yield report(
        "nancy-2026-03-24", "2026-03-24T18:30:00+01:00",
        her.citizen(),
        *(unchanged(each, at) for each in conditions[:3]),
        her.condition("J2.2", first, 1),
        her.condition(alone, first, state="error"),
        her.plan("Madservice", "2025-10-16", "", "J2.2", status="completed"),
        her.done("G1.41", "2026-03-24T10:40:00+01:00", breath),
        her.follow_up("first", "2026-03-24", breath, own, spirits, "J2.2", status="finished"),
        her.result("continued", "2026-03-24", breath, own),
        her.follow_up("second", "2026-12-15", breath, own),
    )  # fmt: skip


def grethe() -> Iterator[Tree]:
    """As it was reported before the simplification; the next reports must mean the same resources."""
    wash, dress, stamina = "J1.1", "J1.3", "J3.9"
    her, first = Record("grethe", "randers", old=True), "2024-04-16"
    yield report(
        "grethe-2024-04-16", "2024-04-16T20:05:00+02:00",
        her.citizen(),
        her.condition(wash, first, 3, follow_up="first"),
        her.condition(dress, first, 2, follow_up="first"),
        her.condition(stamina, first, 2, follow_up="first"),
        her.condition("I7.2", first, follow_up="first"),
        her.goal(wash, 2, first),
        her.goal(dress, 2, first),
        her.goal(stamina, 1, first),
        her.plan("H1.1", "2024-04-17", "", wash, dress),
        her.plan("H1.9", "2024-04-22", "", dress),
        her.plan("H6.1", "2024-05-01", "2024-10-31", stamina),
        her.plan("G1.9", first, "", "I7.2"),
        her.area("I7", first),
        her.area("I4", first, "I4.4"),
        her.own_view("C", "C2", first, wash),
        her.own_view("D", "D2", first, wash),
        her.follow_up("first", "2024-10-15"),
    )  # fmt: skip
    yield report(
        "grethe-2024-10-15",
        "2024-10-15T19:15:00+02:00",
        her.citizen(),
        her.condition(wash, first, 2, follow_up="second"),
        her.condition(dress, first, 2, follow_up="second"),
        her.condition(stamina, first, 2, state="ended"),
        her.plan("H6.1", "2024-05-01", "2024-10-31", stamina, status="completed"),
        her.result("continued", "2024-10-15", wash, dress),
        her.result("ended", "2024-10-15", stamina),
        her.follow_up("second", "2025-04-15"),
    )


def farid() -> Iterator[Tree]:
    """Someone else's care on his CPR number, and the correction the day after."""
    his, first = Record("farid", "aarhus"), "2026-05-06"
    yield report(
        "farid-2026-05-06", "2026-05-06T20:00:00+02:00",
        his.citizen(),
        his.condition("Problemer_med_soevn_og_hvile", first),
        his.plan("G1.20", first, "", "Problemer_med_soevn_og_hvile"),
        his.done("G1.41", "2026-05-06T09:15:00+02:00"),
    )  # fmt: skip
    yield report(
        "farid-2026-05-07", "2026-05-07T19:30:00+02:00",
        his.citizen(active=False),
        his.condition("Problemer_med_soevn_og_hvile", first, state="error"),
        his.plan("G1.20", first, "", "Problemer_med_soevn_og_hvile", status="entered-in-error"),
        his.done("G1.41", "2026-05-06T09:15:00+02:00", status="entered-in-error"),
    )  # fmt: skip


def sigridur() -> Iterator[Tree]:
    """Home from hospital: three days of reports in one delivery, in no order."""
    energy, food, blood = "J4.6", "J2.2", "I7.2"
    her, first, at = Record("sigridur", "aarhus"), "2026-10-26", "2026-10-26T20:40:00+01:00"
    start = report(
        "sigridur-2026-10-26", at,
        her.citizen(),
        her.condition(blood, first),
        her.condition(energy, first, 3),
        her.condition(food, first, 2),
        her.goal(energy, 1, first),
        her.goal(food, 0, first),
        her.plan("G1.20", first, "2026-11-09", blood),
        her.plan("H1.11", "2026-10-27", "", food),
        her.plan("H5.1", "2026-11-02", "2027-01-29", energy, local=("HJ-1", "Hjertehold"), delivered=("group",)),
        her.done("G1.41", "2026-10-26T13:20:00+01:00", blood),
        her.follow_up("first", "2026-11-03", blood, energy, food),
    )  # fmt: skip
    week = report(
        "sigridur-2026-11-03",
        "2026-11-03T19:10:00+01:00",
        her.citizen(),
        unchanged(her.condition(blood, first), at),
        her.condition(energy, first, 2),
        her.condition(food, first, 1),
        her.follow_up("first", "2026-11-03", blood, energy, food, status="finished"),
        her.result("continued", "2026-11-03", energy, food),
        her.follow_up("second", "2026-12-01", blood, energy),
    )
    end = report(
        "sigridur-2026-11-09",
        "2026-11-09T20:25:00+01:00",
        her.citizen(),
        unchanged(her.condition(blood, first), at),
        her.condition(food, first, 0, state="ended"),
        her.plan("G1.20", first, "2026-11-09", blood, status="completed"),
        her.plan("H1.11", "2026-10-27", "2026-11-08", food, status="completed"),
        her.result("ended", "2026-11-09", food),
    )
    yield delivery("sigridur-2026-11-10", "2026-11-10T05:00:00+01:00", end, start, week)


def without_level() -> Tree:
    """Refused (klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing), so that the quarantine has one."""
    her, day = Record("grethe", "randers"), "2026-11-12"
    return report(
        "grethe-2026-11-12-without-level", "2026-11-12T20:15:00+01:00",
        her.citizen(),
        her.condition("Spise_og_drikke", day),
        her.plan("Madservice", day, "", "Spise_og_drikke"),
    )  # fmt: skip


def files() -> dict[str, bytes]:
    """Every file by its path in this folder, in the order of sending."""
    named = [
        (each["timestamp"], f"{story.__name__}-{each['timestamp'][:10]}", each)
        for story in (ingrid, jens, bent, nancy, grethe, farid, sigridur)
        for each in story()
    ]
    refused = without_level()
    named.append((refused["timestamp"], f"grethe-{refused['timestamp'][:10]}-{INVALID}", refused))
    named.sort(key=lambda each: each[0])  # days apart: the offset of the hour cannot change their order
    return {f"eoj/{number:02d}-{name}.json": as_json(tree) for number, (_, name, tree) in enumerate(named, start=1)}


def main() -> None:
    made = files()
    for old in FOLDER.glob("eoj/*"):
        old.unlink()
    for name, body in made.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_bytes(body)
    print(f"{len(made)} filer, {sum(map(len, made.values())) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
