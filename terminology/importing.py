"""Compares a published FSIII with what is in effect, keeps it, and lets it take effect."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from terminology import registry
from terminology.fsiii import Concept, catalogue, shipped
from terminology.models import Entry, Release
from terminology.reading import Read, Unusable, read

Change = tuple[Concept, Concept]


@dataclass(frozen=True)
class Diff:
    """What a catalogue changes; a pair is the concept as it is and as it will be."""

    new: tuple[Concept, ...]
    gone: tuple[Concept, ...]
    renamed: tuple[Change, ...]
    moved: tuple[Change, ...]
    reclassified: tuple[Change, ...]
    """Another older key, kind, law, paragraph, or retiring where it was not."""
    described: tuple[Concept, ...]
    """With a description where there was none."""
    redescribed: tuple[Concept, ...]
    unchanged: int


@dataclass(frozen=True)
class Import:
    """A file that has been read, and what it would change."""

    version: str
    source: str
    sha256: str
    read: Read
    diff: Diff
    in_effect: bool


def compare(raw: bytes, source: str, version: str = "") -> Import:
    """Read a file and say what it changes; writes nothing. `version` names it where the file does not."""
    now = registry.in_effect()
    held = {row.key: row.concept for row in now.entries.all()} if now else {each.key: each for each in shipped()}
    # What has gone is known too, for its older key, but was not retiring for that reason when it stood.
    gone = [replace(each, retiring=False) for each in registry.current() if each.key not in held]
    found = read(raw, catalogue("", [*gone, *held.values()]))
    version = version.strip() or found.version
    if not version:
        raise Unusable("Filen siger ikke, hvilken version den er: angiv den med --version.")
    if len(version) > 40:
        raise Unusable("Versionen er længere end 40 tegn.")
    sha256 = hashlib.sha256(raw).hexdigest()
    other = Release.objects.filter(version=version).exclude(sha256=sha256).first()
    if other is not None and other.effective_at is not None:
        raise Unusable(
            f"Version {version} er allerede indlæst fra en anden fil ({other.source}): angiv en anden version."
        )
    same = now is not None and now.sha256 == sha256 and now.version == version
    return Import(version, source[-200:], sha256, found, _diff(found.concepts, held, now), same)


def keep(imported: Import, *, confirm: bool) -> Release:
    """Store the catalogue, and with `confirm` let it take effect from now on; all or nothing, and may be repeated."""
    mine = Q(version=imported.version) | Q(sha256=imported.sha256)
    with transaction.atomic():
        Release.objects.filter(mine, effective_at=None).delete()  # never in effect: gives way to what is said now
        release = Release.objects.filter(mine).first()
        if release is not None and release.version != imported.version:
            raise Unusable(f"Filen er allerede indlæst som version {release.version}.")
        if release is None:
            release = Release.objects.create(version=imported.version, source=imported.source, sha256=imported.sha256)
            Entry.objects.bulk_create(_entry(release, *row) for row in imported.read.concepts)
        if confirm and not imported.in_effect:
            release.effective_at = timezone.now()
            release.save(update_fields=["effective_at"])
            transaction.on_commit(registry.forget)
    return release


def _entry(release: Release, concept: Concept, description: str) -> Entry:
    return Entry(
        release=release, key=concept.key, legacy=concept.legacy, kind=concept.kind, name=concept.name,
        parent=concept.parent, law=concept.law, paragraph=concept.paragraph, retiring=concept.retiring,
        description=description,
    )  # fmt: skip


def _diff(concepts: Iterable[tuple[Concept, str]], held: Mapping[str, Concept], now: Release | None) -> Diff:
    told = dict(now.entries.values_list("key", "description")) if now is not None else {}
    after = dict(concepts)
    kept = [(held[each.key], each) for each in after if each.key in held]
    here = {each.key for each in after}
    renamed = [pair for pair in kept if pair[0].name != pair[1].name]
    moved = [pair for pair in kept if pair[0].parent != pair[1].parent]
    other = [pair for pair in kept if _classed(pair[0]) != _classed(pair[1])]
    described = [new for _, new in kept if after[new] and not told.get(new.key)]
    redescribed = [new for _, new in kept if told.get(new.key) and told[new.key] != after[new]]
    touched = {pair[1].key for pair in (*renamed, *moved, *other)} | {each.key for each in (*described, *redescribed)}
    return Diff(
        new=tuple(each for each in after if each.key not in held),
        gone=tuple(each for key, each in held.items() if key not in here),
        renamed=tuple(renamed),
        moved=tuple(moved),
        reclassified=tuple(other),
        described=tuple(described),
        redescribed=tuple(redescribed),
        unchanged=len(kept) - len(touched),
    )


def _classed(concept: Concept) -> tuple[object, ...]:
    return concept.legacy, concept.kind, concept.law, concept.paragraph, concept.retiring
