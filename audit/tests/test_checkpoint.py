"""Signed heads: published examples byte for byte, and nothing that is nearly a note."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checkpoint import LOG, WITNESS, Untrusted, body, cosign, key, note, read, sign, verify, vkey

ORIGIN, ROOT = "journal.example.dk/log", bytes(range(32))
OURS, NEXT, THEIRS, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)) for seed in range(4))
KEY, NEXT_KEY = vkey(ORIGIN, OURS), vkey(ORIGIN, NEXT)
WITNESS_KEY = vkey("witness.example.dk", THEIRS, WITNESS)
HEAD = body(ORIGIN, 109_482, ROOT)


def test_a_signature_is_byte_for_byte_the_one_that_go_publishes() -> None:
    """The example of golang.org/x/mod/sumdb/note, whose keys and signature lines C2SP took over."""
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:])
    published = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    assert vkey("PeterNeumann", private) == published == str(key(published))
    assert sign(text, "PeterNeumann", private) == (
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )


def test_the_checkpoint_of_the_specification_is_read() -> None:
    found = read(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
        "+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0x"
        "Ue+mbIUBkBIfZ+qnA==\n"
    )
    assert (found.origin, found.size, found.root.hex()[:8]) == ("example.com/behind-the-sofa", 20_852_163, "0ac5186a")
    assert [(each.name, each.key.hex()) for each in found.signatures] == [
        ("example.com/behind-the-sofa", "033de0ae"),
        ("witness.example.com/w1", "8d66cf3f"),
    ]
    assert int.from_bytes(found.signatures[1].signature[:8], "big") == 1_679_315_147, "the time the page tells of"


def test_who_has_signed_is_told_and_unknown_keys_count_for_nothing() -> None:
    ours, following = sign(HEAD, ORIGIN, OURS), sign(HEAD, ORIGIN, NEXT)
    theirs, unknown = cosign(HEAD, "witness.example.dk", THEIRS, 1_764_000_000), sign(HEAD, ORIGIN, STRANGER)
    signed = note(HEAD, [ours, following, theirs, unknown])
    for known, names in (
        ([KEY], [ORIGIN]),
        ([NEXT_KEY], [ORIGIN]),  # a key that follows the first: both sign for a while
        ([KEY, NEXT_KEY, WITNESS_KEY], [ORIGIN, ORIGIN, "witness.example.dk"]),
    ):
        found = verify(signed, known)
        assert (found.origin, found.size, found.root) == (ORIGIN, 109_482, ROOT)
        assert [each.name for each in found.signatures] == names
    for known in ([], [WITNESS_KEY], [vkey(ORIGIN, Ed25519PrivateKey.generate())], [vkey("other.example.dk", OURS)]):
        with pytest.raises(Untrusted, match="no key"):
            verify(signed, known)
    with pytest.raises(Untrusted, match="another log"):
        verify(note(HEAD, [sign(HEAD, "other.example.dk", OURS)]), [vkey("other.example.dk", OURS)])
    forged = theirs.replace(theirs[-8:-3], "AAAAA")
    with pytest.raises(Untrusted, match="does not hold"):
        verify(note(HEAD, [ours, forged]), [KEY, WITNESS_KEY])
    assert verify(note(HEAD, [ours, forged]), [KEY]).signatures == read(signed).signatures[:1]


@settings(deadline=None)
@given(st.integers(0), st.integers(1, 255))
def test_no_byte_of_a_note_can_be_changed(place: int, flip: int) -> None:
    raw = bytearray(note(HEAD, [sign(HEAD, ORIGIN, OURS)]).encode())
    raw[place % len(raw)] ^= flip
    try:
        changed = raw.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(Untrusted):
        verify(changed, [KEY])


@pytest.mark.parametrize(
    "wrong",
    [
        "", "\n\n", HEAD, f"{HEAD}\n", f"\n{HEAD}", f"{HEAD}\n— x\n", f"{HEAD}\n— x AAAA\n",
        f"{HEAD}\n- x AAAAAAAAAA==\n",
        f"{HEAD}extension\n\n— x AAAAAAAAAA==\n", HEAD.replace("109482", "0109482") + "\n— x AAAAAAAAAA==\n",
        HEAD.replace("109482", "١") + "\n— x AAAAAAAAAA==\n", HEAD.replace("109482", "-1") + "\n— x AAAAAAAAAA==\n",
        HEAD.replace("AAEC", "AAE") + "\n— x AAAAAAAAAA==\n", HEAD.replace("8=\n", "9=\n") + "\n— x AAAAAAAAAA==\n",
        f"{HEAD}\n— x+y AAAAAAAAAA==\n", f"{HEAD}\n— x AAAAAAAAAB==\n", f"{HEAD}\n— x AAAAAAAAAA==",
        HEAD.replace("\n", "\r\n") + "\r\n— x AAAAAAAAAA==\r\n", HEAD + "\n" + "— x AAAAAAAAAA==\n" * 65,
        HEAD.replace("journal", "\ud800") + "\n— x AAAAAAAAAA==\n",
    ],
)  # fmt: skip
def test_what_is_nearly_a_checkpoint_is_none(wrong: str) -> None:
    with pytest.raises(Untrusted):
        read(wrong)


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for ask in (read, key):
        with pytest.raises(Untrusted):
            ask(text)


def test_a_mistyped_key_is_refused_and_a_head_must_be_one() -> None:
    name, number, code = KEY.split("+", 2)
    for wrong in (f"{name}+{number}", f"{name}+00000000+{code}", f"+{number}+{code}", KEY + "=", KEY[:-4] + "AAAA"):
        with pytest.raises(Untrusted):
            key(wrong)
    assert (key(KEY).kind, key(WITNESS_KEY).kind) == (LOG, WITNESS)
    for origin, size, root in ((ORIGIN, -1, ROOT), (ORIGIN, 1, b""), ("two words", 1, ROOT), ("", 1, ROOT)):
        with pytest.raises(ValueError, match=r"checkpoint|name"):
            body(origin, size, root)
