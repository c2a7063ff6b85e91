"""Second step of training: answerable questions → near misses that the passage does not answer.

A reader trained on answerable questions alone answers everything. A near miss keeps nearly all
words of the passage and breaks one constraint: another name, number, date, antonym, a negation,
a related word. Every rewrite brings in a word that the passage does not hold.

Source: the kinds follow the analysis of unanswerable questions in Rajpurkar, Jia and Liang 2018
(https://aclanthology.org/P18-2124/, table 2); the rewrites are ours.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from rag.training.data import Example
from rag.training.lexicon import Lexicon

NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]+(?: (?:of |the |de |von )?[A-Z][\w'’-]+)*")
NUMBER = re.compile(r"\b\d[\d,.]*\b")
WORD = re.compile(r"[A-Za-z]{4,}")

MONTHS = (
    "January February March April May June July August September October November December"
).split()
CLOSED_CLASSES: tuple[tuple[str, ...], ...] = (
    tuple(MONTHS),
    tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    tuple("first second third fourth fifth sixth seventh tenth".split()),
    tuple("two three four five six seven eight nine ten twelve".split()),
    ("north", "south", "east", "west"),
    ("northern", "southern", "eastern", "western"),
    tuple("president minister king queen mayor governor general senator director".split()),
    tuple("father mother brother sister son daughter wife husband".split()),
    tuple("red blue green yellow black white".split()),
    tuple("day week month year decade century".split()),
)
ANTONYMS = dict(
    pair.split("/")
    for pair in (
        "first/last largest/smallest biggest/smallest highest/lowest longest/shortest "
        "most/least more/fewer increase/decrease increased/decreased rise/fall rose/fell "
        "won/lost win/lose before/after oldest/youngest earliest/latest early/late "
        "began/ended begin/end start/stop started/stopped opened/closed open/close "
        "joined/left join/leave allowed/forbidden allow/forbid support/oppose "
        "supported/opposed supporters/opponents buy/sell bought/sold import/export "
        "imports/exports major/minor majority/minority maximum/minimum male/female men/women "
        "good/bad best/worst positive/negative advantage/disadvantage internal/external "
        "inside/outside above/below upper/lower public/private common/rare accept/reject "
        "accepted/rejected attack/defend attacked/defended arrived/departed arrive/depart "
        "married/divorced born/buried cause/prevent caused/prevented created/destroyed "
        "create/destroy strong/weak rich/poor formal/informal legal/illegal success/failure "
        "agree/disagree agreed/disagreed like/dislike easy/difficult cheap/expensive new/old "
        "hot/cold fast/slow heavy/light wide/narrow near/far same/different include/exclude "
        "included/excluded with/without build/demolish built/demolished hired/fired "
        "north/south"
    ).split()
)
ANTONYMS |= {right: left for left, right in list(ANTONYMS.items())}
AUXILIARY = re.compile(
    r"\b(is|are|was|were|did|does|do|can|could|has|have|had|will|would|should)\b", re.IGNORECASE
)
STOP = frozenset(
    (
        "what which when where whose whom many much does have been were that this these those "
        "with from into than then they them their there about after before over under between "
        "during also some other another such name type kind call called would could should "
        "will first year"
    ).split()
)

ALIKE = 0.55
"""Word vectors with a cosine above this may stand for the same thing."""

Rewrite = Callable[[str, str, "Example"], str | None]


def word_vectors(base: Path) -> tuple[list[str], np.ndarray]:
    """Words of the base encoder's vocabulary and their vectors, `float32 (n, dim)`, centred."""
    ids = Tokenizer.from_file(str(base / "tokenizer.json")).get_vocab()
    words = [word for word in ids if word.isalpha() and len(word) > 3]
    matrix = load_file(base / "model.safetensors")["embeddings.word_embeddings.weight"]
    return words, matrix[[ids[word] for word in words]] - matrix.mean(axis=0)


class NearMisses:
    """Rewrites answerable questions so that the given passage no longer answers them.

    Holds the pools (names of each article, related words) that the rewrites draw from.
    `vectors` is `float32 (n, dim)` with one row a word of `words`, used to find related words;
    with a `lexicon`, words are also swapped for their antonyms and siblings.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        words: Sequence[str],
        vectors: np.ndarray,
        generator: random.Random,
        lexicon: Lexicon | None = None,
    ) -> None:
        self._random = generator
        self._lexicon = lexicon
        self._names: dict[str, list[str]] = defaultdict(list)
        self._all_names: list[str] = []
        counts: dict[str, int] = defaultdict(int)
        for example in examples:
            names = NAME.findall(example.question)
            self._names[example.article].extend(names)
            self._all_names.extend(names)
            for word in sorted(set(WORD.findall(example.question))):
                if word.islower() and word not in STOP:
                    counts[word] += 1
        place = {word: row for row, word in enumerate(words)}
        self._pool = [word for word, count in counts.items() if count >= 3 and word in place]
        self._row = {word: row for row, word in enumerate(self._pool)}
        chosen = vectors[[place[word] for word in self._pool]]
        self._vectors = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
        self._rewrites: tuple[tuple[float, Rewrite], ...] = (
            (3.0, self._swap_name),
            (2.0, self._swap_number),
            (2.0, self._swap_closed_class),
            (2.0, self._swap_antonym),
            (0.7, self._negate),
            (1.5 if lexicon else 3.0, self._swap_related_word),
            (3.0 if lexicon else 0.0, self._swap_contrast),
            (1.0 if lexicon else 0.0, self._swap_roles),
        )

    def rewrite(self, example: Example, passage: str) -> str | None:
        """A question near to the example's that `passage` does not answer, or None if none came."""
        todo = [(weight, rewrite) for weight, rewrite in self._rewrites if weight]
        lowered = passage.lower()
        while todo:
            weights = [weight for weight, _ in todo]
            picked = self._random.choices(range(len(todo)), weights)[0]
            _, rewrite = todo.pop(picked)
            question = rewrite(example.question, lowered, example)
            if question is not None and question != example.question:
                return question
        return None

    def _swap_name(self, question: str, passage: str, example: Example) -> str | None:
        found = [match for match in NAME.finditer(question) if match.group().lower() in passage]
        if not found:
            return None
        match = self._random.choice(found)
        near = self._random.random() < 0.7
        pool = self._names[example.article] if near else self._all_names
        for _ in range(12):
            other = self._random.choice(pool or self._all_names)
            # no word of the new name may stand in the passage: "Xi" for "Xi Jinping" is no change
            if not any(part.lower() in passage for part in other.split() if len(part) > 2):
                return question[: match.start()] + other + question[match.end() :]
        return None

    def _swap_number(self, question: str, passage: str, _example: Example) -> str | None:
        found = list(NUMBER.finditer(question))
        if not found:
            return None
        match = self._random.choice(found)
        digits = match.group().replace(",", "")
        if not digits.isdigit():
            return None
        value = int(digits)
        span = 12 if 1000 < value < 2100 else max(2, value // 3)
        for _ in range(12):
            other = str(max(1, value + self._random.randint(-span, span)))
            if other != digits and other not in passage:
                return question[: match.start()] + other + question[match.end() :]
        return None

    def _swap_closed_class(self, question: str, passage: str, _example: Example) -> str | None:
        for members in self._random.sample(CLOSED_CLASSES, len(CLOSED_CLASSES)):
            for member in members:
                pattern = re.compile(rf"\b{member}\b")
                if pattern.search(question):
                    others = [
                        other
                        for other in members
                        if other != member and not re.search(rf"\b{other.lower()}\b", passage)
                    ]
                    if others:
                        return pattern.sub(self._random.choice(others), question, count=1)
        return None

    def _swap_antonym(self, question: str, passage: str, _example: Example) -> str | None:
        found = [match for match in re.finditer(r"[a-z]+", question) if match.group() in ANTONYMS]
        self._random.shuffle(found)
        for match in found:
            other = ANTONYMS[match.group()]
            if not re.search(rf"\b{other}", passage):
                return question[: match.start()] + other + question[match.end() :]
        return None

    def _negate(self, question: str, passage: str, _example: Example) -> str | None:
        if re.search(r"\bnot\b|n't\b|\bnever\b", question + passage):
            return None
        match = AUXILIARY.search(question)
        if match is None:
            return None
        word = self._random.choice(("not", "never"))
        if match.group().lower() in ("did", "does", "do"):
            subject = re.match(r" (?:the )?[\w'’-]+(?: [A-Z][\w'’-]+)*", question[match.end() :])
            if subject is None:
                return None
            cut = match.end() + subject.end()
        else:
            cut = match.end()
        return f"{question[:cut]} {word}{question[cut:]}"

    def _swap_related_word(self, question: str, passage: str, _example: Example) -> str | None:
        found = [match for match in WORD.finditer(question) if match.group() in self._row]
        self._random.shuffle(found)
        for match in found:
            closeness = self._vectors @ self._vectors[self._row[match.group()]]
            # far below, the question turns to nonsense
            rows = np.flatnonzero((closeness > 0.25) & (closeness < ALIKE))
            for _ in range(12 if len(rows) else 0):
                other = self._pool[int(self._random.choice(rows))]
                if other[:5] != match.group()[:5] and other[:5] not in passage:
                    return question[: match.start()] + other + question[match.end() :]
        return None

    def _swap_contrast(self, question: str, passage: str, _example: Example) -> str | None:
        if self._lexicon is None:
            return None
        for match in self._content_words(question):
            word = match.group()
            others = self._lexicon.antonyms(word) or [
                other for other in self._lexicon.siblings(word) if self._apart(word, other)
            ]
            others = [o for o in others if o[:5] not in passage and o[:5] != word[:5]]
            if others:
                other = self._random.choice(others)
                return question[: match.start()] + other + question[match.end() :]
        return None

    def _apart(self, word: str, other: str) -> bool:
        """Whether both words are known and their vectors say that they differ in meaning."""
        rows = self._row.get(word), self._row.get(other)
        if rows[0] is None or rows[1] is None:
            return False
        return float(self._vectors[rows[0]] @ self._vectors[rows[1]]) < ALIKE

    def _swap_roles(self, question: str, passage: str, _example: Example) -> str | None:
        found = [match for match in NAME.finditer(question) if match.group().lower() in passage]
        if len(found) < 2:
            return None
        left, right = found[:2]
        between = question[left.end() : right.start()]
        if left.group() == right.group() or between.strip(" ,").lower() in ("", "and", "or", "of"):
            return None
        start, end = question[: left.start()], question[right.end() :]
        return f"{start}{right.group()}{between}{left.group()}{end}"

    def reworded(self, question: str) -> str:
        """The question with one word exchanged for a synonym, where the lexicon has one.

        Questions with and without an answer both go through this, so that a word the passage does
        not hold is no sign by itself that there is no answer.
        """
        if self._lexicon is None:
            return question
        for match in self._content_words(question):
            others = self._lexicon.synonyms(match.group())[:4]
            if others:
                other = self._random.choice(others)
                return question[: match.start()] + other + question[match.end() :]
        return question

    def _content_words(self, question: str) -> list[re.Match[str]]:
        """Lower-case words that carry meaning, in random order."""
        found = [
            match
            for match in WORD.finditer(question)
            if match.group().islower() and match.group() not in STOP
        ]
        self._random.shuffle(found)
        return found
