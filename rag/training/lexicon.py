"""Words that mean the same and words that do not, for rewriting questions: a reading of WordNet's files.

A question with a synonym in it is still answered by its passage; one with a word of the same
class but another meaning is not. Only the commonest sense of a word is read, since a question
gives no means to tell senses apart.

Source: WordNet 3.0 (Miller 1995, https://doi.org/10.1145/219717.219748; licence of Princeton
University), in the format of wndb(5WN); Debian's package wordnet-base holds the files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_FILES = {"n": "noun", "v": "verb", "a": "adj"}
_CLASS_NUMBERS = {"1": "n", "2": "v", "3": "a", "5": "a"}
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, with the keys (`n00012345`) of related synsets by pointer symbol."""

    words: tuple[str, ...]
    related: tuple[tuple[str, str], ...]

    def keys(self, *symbols: str) -> list[str]:
        """The synsets that the given pointer symbols lead to."""
        return [key for symbol, key in self.related if symbol in symbols]


class Lexicon:
    """Synonyms, siblings and antonyms of common English words, in the form of the given word.

    Raises FileNotFoundError when `folder` lacks one of WordNet's files.
    """

    def __init__(self, folder: Path) -> None:
        self._count: dict[tuple[str, str], int] = defaultdict(int)
        for line in (folder / "cntlist.rev").read_text("ascii").splitlines():
            sense, _, count = line.split(" ")
            word, _, rest = sense.partition("%")
            if rest[0] in _CLASS_NUMBERS:
                self._count[_CLASS_NUMBERS[rest[0]], word] += int(count)
        self._first: dict[str, dict[str, str]] = defaultdict(dict)
        self._synsets: dict[str, Synset] = {}
        self._bases: dict[str, str] = {}
        for kind, name in _FILES.items():
            for line in (folder / f"index.{name}").read_text("ascii").splitlines():
                if not line.startswith(" "):
                    parts = line.split()
                    self._first[parts[0]][kind] = kind + parts[-int(parts[2])]
            for line in (folder / f"data.{name}").read_text("ascii").splitlines():
                if not line.startswith(" "):
                    self._synsets[kind + line[:8]] = _synset(line)
        for line in (folder / "verb.exc").read_text("ascii").splitlines():
            form, base, *_ = line.split()
            self._bases.setdefault(form, base)
        self._irregular = frozenset(self._bases.values())

    def synonyms(self, word: str) -> list[str]:
        """Words that may stand for `word`: of its commonest meaning, or of the one just above it."""
        kind, base, form, synset = self._read(word)
        if synset is None:
            return []
        alike = synset.keys(
            "&"
        )  # one head for a satellite; a head's many satellites say more than it
        words = [*synset.words]
        for key in [*synset.keys("@"), *(alike if len(alike) == 1 else ())]:
            words.extend(self._synsets[key].words[:2])
        return self._in_form(words, kind, base, form)

    def antonyms(self, word: str) -> list[str]:
        """Words of the opposite meaning; a satellite adjective has those of its head."""
        kind, base, form, synset = self._read(word)
        if synset is None:
            return []
        heads = [synset, *(self._synsets[key] for key in synset.keys("&"))]
        words = [w for head in heads for key in head.keys("!") for w in self._synsets[key].words]
        return self._in_form(words, kind, base, form)

    def siblings(self, word: str) -> list[str]:
        """Nouns under the same broader noun: other kinds of the same thing, some nearly the same."""
        kind, base, form, synset = self._read(word)
        if synset is None or kind != "n":
            return []
        same = {w for key in synset.keys("@", "~") for w in self._synsets[key].words}
        words = [
            other
            for above in synset.keys("@")
            for key in self._synsets[above].keys("~")
            for other in self._synsets[key].words
            if other not in same and other not in synset.words
        ]
        return self._in_form(words, kind, base, form)

    def _read(self, word: str) -> tuple[str, str, str, Synset | None]:
        """The class, base and form (`""`, `s`, `ed` or `ing`) of a word, and its commonest synset."""
        best: tuple[int, str, str, str] | None = None
        for base, form, kinds in _readings(word, self._bases):
            for kind in kinds:
                count = self._count.get((kind, base), 0)
                if (
                    kind in self._first.get(base, ())
                    and count
                    and (best is None or count > best[0])
                ):
                    best = (count, kind, base, form)
        if best is None:
            return "", "", "", None
        _, kind, base, form = best
        return kind, base, form, self._synsets[self._first[base][kind]]

    def _in_form(self, words: list[str], kind: str, base: str, form: str) -> list[str]:
        found: list[str] = []
        for word in dict.fromkeys(words):
            common = self._count.get((kind, word), 0) > 0 and word.isalpha() and len(word) > 2
            if common and word != base and not (form == "ed" and word in self._irregular):
                found.append(_inflected(word, form))
        return found


def _synset(line: str) -> Synset:
    fields = line.partition("|")[0].split()
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * i].lower().partition("(")[0] for i in range(count))
    at = 4 + 2 * count
    related = tuple(
        (fields[i], fields[i + 2].replace("s", "a") + fields[i + 1])
        for i in range(at + 1, at + 1 + 4 * int(fields[at]), 4)
        if fields[i + 2] != "r"
    )
    return Synset(words, related)


def _readings(word: str, irregular: dict[str, str]) -> list[tuple[str, str, str]]:
    """Possible (base, form, classes) of a word.

    >>> _readings("stopped", {})[-1]
    ('stop', 'ed', 'v')
    """
    found = [(word, "", "nva")]
    if word in irregular:
        found.append((irregular[word], "ed", "v"))
    if word.endswith("ies"):
        found.append((word[:-3] + "y", "s", "nv"))
    elif word.endswith("es"):
        found.append((word[:-2], "s", "nv"))
    if word.endswith("s") and not word.endswith("ss"):
        found.append((word[:-1], "s", "nv"))
    for ending in ("ed", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            found += [(stem, ending, "v"), (stem + "e", ending, "v")]
            if ending == "ed" and stem.endswith("i"):
                found.append((stem[:-1] + "y", ending, "v"))
            if stem[-1] == stem[-2]:
                found.append((stem[:-1], ending, "v"))
    return found


def _inflected(word: str, form: str) -> str:
    """
    >>> [_inflected(w, f) for w, f in (("city", "s"), ("move", "ing"), ("stop", "ed"), ("box", "s"))]
    ['cities', 'moving', 'stopped', 'boxes']
    """
    consonant_y = word.endswith("y") and word[-2] not in _VOWELS
    if not form:
        return word
    if form == "s":
        if consonant_y:
            return word[:-1] + "ies"
        return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
    if word.endswith("e") and not (form == "ing" and word.endswith("ee")):
        return word[:-1] + form
    if consonant_y and form == "ed":
        return word[:-1] + "ied"
    if re.fullmatch(r"[^aeiou]+[aeiou][^aeiouwxy]", word):
        return word + word[-1] + form
    return word + form
