"""The stand-alone verifier, taken at its word: whatever is changed, it never says that a proof holds."""

import ast
import json
import string
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import verify_audit
from audit import checkpoint, merkle
from audit.leaf import canonical, leaf_data
from audit.tests import example
from audit.tests.test_leaf import ROW, TEXT, VALUES
from audit.tests.test_merkle import LEAVES, TREES, over

FILES = example.files()
DATA = leaf_data(example.seed("salt")[:16], canonical(example.row()))
LOG = example.log(DATA)
KEYS, PROOF, NEWEST = "log.vkey", "row.tlog-proof", "checkpoints/000/000/001/000"
MIDDLE = "checkpoints/000/000/000/600"
BASE64 = (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode()
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(32))
Answer = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("proofs")
    for name, text in FILES.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text)
    return at


@pytest.fixture
def ask(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    """The exit code and the words for these arguments."""
    monkeypatch.chdir(place)

    def asked(*arguments: str) -> tuple[int, str]:
        code = verify_audit.main(list(arguments))
        return code, capsys.readouterr().out

    return asked


def written(place: Path, text: str | bytes, name: str = "given") -> str:
    (place / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def letters(ask: Answer) -> str:
    return ask("--print", PROOF, KEYS)[1]


@pytest.mark.parametrize("name", [PROOF, NEWEST, KEYS])
def test_no_byte_can_be_changed(ask: Answer, place: Path, name: str) -> None:
    raw = FILES[name].encode()
    first = raw.index(b"\n") + 1 if name == KEYS else 0  # the first line of the key file is a remark
    long = range(100, raw.index(b"\nindex")) if name == PROOF else ()  # the row, where every byte is like the next
    for at in (at for at in range(first, len(raw)) if at not in long or at % 11 == 0):
        flips = {1 << at % 8}
        if raw[at + 1 : at + 2] == b"=" and raw[at : at + 1] in BASE64:  # its last two bits are read by no decoder
            block = BASE64.index(raw[at]) & ~3
            flips |= {raw[at] ^ other for other in BASE64[block : block + 4]} - {0}
        for flip in flips:
            given = written(place, raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :])
            if name == PROOF:
                code, _ = ask(given, KEYS)
            elif name == KEYS:
                code, _ = ask(PROOF, given)
            else:
                code, _ = ask("--consistency", PROOF, given, given, KEYS)
            assert code in (1, 2) or (name == KEYS and at == len(raw) - 1), (at, raw[at : at + 20])


def test_no_letter_on_paper_can_be_changed(ask: Answer, place: Path) -> None:
    paper = letters(ask)
    assert ask(written(place, paper), KEYS)[0] == 0
    lines = [at for at, line in enumerate(paper.splitlines()) if line.startswith(("01/", "27/", "55/"))]
    assert len(lines) == 3
    for at in lines:
        for column in range(6, len(paper.splitlines()[at])):
            changed = paper.splitlines()
            line = changed[at]
            if line[column] == " ":
                continue
            changed[at] = line[:column] + ("A" if line[column] != "A" else "Z") + line[column + 1 :]
            code, said = ask(written(place, "\n".join(changed)), KEYS)
            assert code == 2
            assert f"mistyped or missing: {line[:2].lstrip('0')}." in said


def test_a_scanned_paper_is_read_as_scanners_and_typists_write(ask: Answer, place: Path) -> None:
    paper = letters(ask)
    only = [line for line in paper.splitlines() if line[2:3] == "/"]
    sloppy = "\r\n".join(
        f"  {line[:2]} / {line[3:5]}  {line[6:].lower().replace('o', '0').replace('i', '1').replace('b', '8')} "
        for line in reversed(only)
    )
    code, said = ask(written(place, f"\ufeffScanned in Randers\r\n\r\n{sloppy}"), KEYS)
    assert (code, said) == ask(PROOF, KEYS)
    code, said = ask(written(place, "\n".join(only[1:-1])), KEYS)
    assert code == 2
    assert f"mistyped or missing: 1, {len(only)}." in said
    assert verify_audit.from_letters(paper) == FILES[PROOF], "the very file, byte for byte"


def test_signatures_of_unknown_keys_count_for_nothing_and_it_is_said(ask: Answer, place: Path) -> None:
    body = checkpoint.body(LOG.origin, 600, merkle.root_at(600, LOG.hash_at))
    line = checkpoint.cosign(body, "witness.example.dk", WITNESS, 1_764_000_000)
    given = written(place, LOG.proof(DATA, 417, 600, line))
    code, said = ask(given, KEYS)
    assert code == 0
    assert "1 more by keys that are not in your file: they count for nothing" in said
    both = written(place, FILES[KEYS] + checkpoint.vkey("witness.example.dk", WITNESS, checkpoint.WITNESS), "both.vkey")
    code, said = ask(given, both)
    assert code == 0
    assert "not in your file" not in said
    assert "witness.example.dk" in said
    assert "who saw it at 2025-11-24 16:00:00 UTC" in said
    forged = line[:-12] + ("A" if line[-12] != "A" else "B") + line[-11:]
    code, said = ask(written(place, LOG.proof(DATA, 417, 600, forged)), both)
    assert code == 1
    assert "The signature of witness.example.dk is wrong" in said
    alone = checkpoint.note(body, [line])
    assert ask(written(place, FILES[PROOF].partition("\n\n")[0] + "\n\n" + alone), both)[0] == 1, "the log must sign"


def test_a_row_that_says_something_else_is_refused(ask: Answer, place: Path) -> None:
    told = example.row()
    for name, other in (("outcome", 4), ("actor_subject", "other"), ("event", {}), ("patient_ref", None)):
        changed = LOG.proof(leaf_data(DATA[:16], canonical(told | {name: other})), 417, 600)
        code, said = ask(written(place, changed), KEYS)
        assert (code, said.splitlines()[0]) == (1, "IT DOES NOT HOLD.")
        assert "is not what stands at number 417" in said
    for wrong in (LOG.proof(bytes(16) + DATA[16:], 417, 600), FILES[PROOF].replace("index 417", "index 418")):
        assert ask(written(place, wrong), KEYS)[0] == 1
    other = example.log(DATA, 417, 700).proof(DATA, 417, 600)
    assert ask(written(place, other), KEYS)[0] == 0
    stolen = FILES[PROOF].partition("\n\n")[0] + "\n\n" + LOG.note(1000)
    assert ask(written(place, stolen), KEYS)[0] == 1, "the path leads to another tree"


@pytest.mark.parametrize(
    "said",
    [b"", b"{}", b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1.5}', b'{"a":NaN}', b'{"a":1,"a":2}', b"[1]", b"null", b"\xff",
     b"[" * 100_000, b'{"a":"\\u00e6"}', b'{"a":"\\ud800"}', b'{"a":' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_what_is_sealed_but_is_no_row_in_the_one_form_does_not_hold(ask: Answer, place: Path, said: bytes) -> None:
    data = bytes(16) + said
    code, words = ask(written(place, example.log(data).proof(data, 417, 600)), KEYS)
    if said == b"{}":
        assert code == 0, "a row that says nothing is in the one form"
    else:
        assert code == 1
        assert "What the log holds there" in words


def test_nothing_in_a_row_can_write_over_the_screen(ask: Answer, place: Path) -> None:
    row = example.row() | {"actor_subject": "\x1b[2J\u202egnorw\r\nThe proof holds.", "reason": "\ud7ff\u00a0æ"}
    data = leaf_data(bytes(16), canonical(row))
    code, said = ask("--all", written(place, example.log(data).proof(data, 417, 600)), KEYS)
    assert code == 0
    assert r"\u001b[2J\u202egnorw\u000d\u000aThe proof holds." in said
    assert said.replace("\n", "").isprintable()
    assert '"resourceType": "AuditEvent"' in said


def test_growth_is_told_and_a_fork_is_found(ask: Answer, place: Path) -> None:
    code, said = ask("--consistency", PROOF, NEWEST, NEWEST, KEYS)
    assert (code, said) == (
        0, "It holds: the log journal.example.dk/log had 600 rows, has 1000, and the first 600 are unchanged.\n",
    )  # fmt: skip
    forked = example.log(DATA + b" ")  # the row was changed, and everything signed anew by the one who has the key
    old, new = written(place, LOG.note(600), "old"), written(place, forked.note(1000), "new")
    proof = written(place, forked.growth(600, 1000), "grown")
    code, said = ask("--consistency", old, new, proof, KEYS)
    assert code == 1
    assert "The first 600 rows of the log of 1000 rows are not the rows it had." in said
    for wrong in ((old, new, NEWEST), (old, MIDDLE, proof), (NEWEST, old, proof)):
        code, said = ask("--consistency", *wrong, KEYS)
        assert code == 1
        assert "The proof is of two other checkpoints." in said
    other = example.Log(LOG.leaves, origin="other.example.dk")
    known = written(place, f"{FILES[KEYS]}{other.vkey}\n", "both.vkey")
    theirs = written(place, other.growth(600, 1000), "theirs")
    code, said = ask("--consistency", old, theirs, theirs, known)
    assert code == 1
    assert "two different logs" in said


def test_a_folder_holds_when_every_step_in_it_does(
    ask: Answer, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    code, said = ask("--folder", "checkpoints", KEYS)
    assert code == 0
    assert said.startswith("It holds: 3 checkpoints of the log journal.example.dk/log, from 200 rows to 1000.")

    def folder(**put: str) -> tuple[int, str]:
        at = tmp_path_factory.mktemp("folder")
        for name in ("checkpoints/000/000/000/200", MIDDLE, NEWEST):
            written(at, FILES[name], name.rpartition("checkpoints/")[2].replace("/", ""))
        for name, text in put.items():
            written(at, text, name.removeprefix("at"))
        (at / ".0600.part").write_bytes(b"\xff")  # what is being written is not there yet
        return ask("--folder", str(at), KEYS)

    forked = example.log(DATA + b" ")
    assert folder()[0] == 0
    assert folder(again=LOG.note(600))[0] == 0, "the same head twice is no harm"
    for put, code, words in (
        ({"at000000000600": LOG.note(600)}, 2, "No proof lies here that the log of 600 rows continues the log of 200."),
        ({"at000000000600": LOG.growth(100, 600)}, 2, "continues the log of 200"),
        ({"at000000000600": "torn"}, 2, "This is no checkpoint."),
        ({"at000000000600": forked.growth(200, 600)}, 1, "The log of 1000 rows does not continue the log of 600."),
        ({"fork": forked.note(600)}, 1, "another checkpoint of 600 rows says something else"),
        ({"at000000001000": FILES[NEWEST].replace("\n1000\n", "\n1001\n")}, 1, "is wrong"),
    ):
        assert folder(**put)[0] == code
        assert words in folder(**put)[1]
    empty = tmp_path_factory.mktemp("empty")
    code, said = ask("--folder", str(empty), KEYS)
    assert code == 2
    assert "holds no checkpoint" in said
    assert ask("--folder", str(empty / "none"), KEYS)[0] == 2


@pytest.mark.parametrize(
    ("proof", "keys", "words"),
    [
        ("missing", KEYS, "missing: No such file or directory"),
        ("checkpoints", KEYS, "checkpoints: Is a directory"),
        (PROOF, "missing", "missing: No such file"),
        (b"\xff\xfe", KEYS, "given is not text."),
        (b"", KEYS, "neither a proof of a row nor its letters"),
        (b"a" * (1 << 20) + b"a", KEYS, "larger than any proof"),
        (PROOF, b"\n# nothing\n", "holds no verifier key"),
        (PROOF, b"journal.example.dk/log+00000000+AQID\n", "no verifier key"),
        (PROOF, FILES[KEYS].replace("+1", "+0").encode(), "mistyped"),
        (FILES[PROOF].replace("\n", "\r\n").encode(), KEYS, "ends of its lines were changed on the way"),
        (FILES[NEWEST].encode(), KEYS, "neither a proof"),
    ],
)
def test_what_cannot_be_read_is_said_calmly(
    ask: Answer, place: Path, proof: str | bytes, keys: str | bytes, words: str
) -> None:
    code, said = ask(*(each if isinstance(each, str) else written(place, each) for each in (proof, keys)))
    assert code == 2
    assert said.startswith("It cannot be read, so nothing is known of whether it holds.\n")
    assert words in said


def test_a_key_that_has_not_signed_is_no_key(ask: Answer, place: Path) -> None:
    stranger = checkpoint.vkey(LOG.origin, Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
    code, said = ask(PROOF, written(place, stranger))
    assert code == 1
    assert "No key in your file has signed for the log journal.example.dk/log." in said
    renamed = checkpoint.vkey("other.example.dk", LOG.key)
    assert ask(PROOF, written(place, renamed))[0] == 1
    body = checkpoint.body(LOG.origin, 600, merkle.root_at(600, LOG.hash_at))
    lent = checkpoint.note(body, [checkpoint.sign(body, "other.example.dk", LOG.key)])
    given = written(place, FILES[PROOF].partition("\n\n")[0] + "\n\n" + lent)
    code, said = ask(given, written(place, renamed, "renamed.vkey"))
    assert code == 1
    assert "the signature of another log" in said


@pytest.mark.parametrize(
    "arguments", [[], [PROOF], [PROOF, KEYS, KEYS], ["--consistency", PROOF, NEWEST, KEYS], ["--x"]]
)
def test_wrong_use_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        verify_audit.main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([PROOF, NEWEST, KEYS, "letters", ""]), st.binary(max_size=40), st.data())
def test_no_bytes_whatever_break_it(ask: Answer, place: Path, name: str, put: bytes, data: st.DataObject) -> None:
    """Bytes put into, cut out of, or in the place of each kind of file, wherever a file is asked for."""
    raw = (letters(ask) if name == "letters" else FILES.get(name, "")).encode()
    first = data.draw(st.integers(0, len(raw)))
    last = data.draw(st.integers(first, min(len(raw), first + 60)) | st.just(len(raw)))
    changed = raw[:first] + put + raw[last:]
    given = written(place, changed)
    (place / "folder").mkdir(exist_ok=True)
    written(place, changed, "folder/given")
    for arguments in (
        (given, KEYS), ("--print", "--all", given, KEYS), (PROOF, given), (given, given), ("--folder", "folder", KEYS),
        ("--consistency", given, NEWEST, NEWEST, KEYS), ("--consistency", PROOF, given, NEWEST, KEYS),
        ("--consistency", PROOF, NEWEST, given, KEYS),
    ):  # fmt: skip
        code, said = ask(*arguments)
        assert code in (0, 1, 2)
        assert said


@settings(deadline=None)
@given(st.dictionaries(TEXT, VALUES, max_size=4), TEXT)
def test_it_reads_every_row_that_can_be_sealed(event: dict[str, object], subject: str) -> None:
    try:
        written = canonical(ROW | {"event": event, "actor_subject": subject})
    except ValueError:
        return
    told = verify_audit.row(bytes(16) + written)
    assert told == json.loads(written)
    assert all(line.isprintable() for line in verify_audit.words(told))


@settings(deadline=None)
@given(st.data(), st.integers(0, 1000))
def test_it_agrees_with_the_tree_of_the_product(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(0, new))
    steps = merkle.consistency(old, new, over(LEAVES))
    swapped = data.draw(st.permutations(steps))
    for path in (steps, swapped, steps[:-1], [*steps, LEAVES[0]]):
        was, now = (verify_audit.Checkpoint("", size, TREES[size], "", ()) for size in (old, new))
        agreed = merkle.verify_consistency(old, new, TREES[old], TREES[new], path)
        assert verify_audit.continues(was, now, path) is agreed
    was, now = (verify_audit.Checkpoint("", size, TREES[tree], "", ()) for size, tree in ((3, 3), (9, 5)))
    assert not verify_audit.continues(was, now, merkle.consistency(3, 5, over(LEAVES)))
    if old < new:
        steps = merkle.inclusion(old, new, over(LEAVES))
        for path in (steps, data.draw(st.permutations(steps)), steps[:-1], [*steps, LEAVES[0]]):
            agreed = merkle.verify_inclusion(LEAVES[old], old, new, path, TREES[new])
            assert verify_audit.stands(LEAVES[old], old, new, path, TREES[new]) is agreed
        joined = [merkle.node_hash(*LEAVES[first : first + 2]) for first in (0, 2)]
        assert not verify_audit.stands(joined[0], 0, 4, joined[1:], TREES[4])


def test_it_imports_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(Path(verify_audit.__file__).read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} - sys.stdlib_module_names == {"cryptography"}


def test_the_example_has_the_bytes_it_always_had() -> None:
    """A change here means that every leaf of every log changes: old proofs would no longer hold."""
    for name, text in FILES.items():
        assert (example.FOLDER / name).read_text() == text
