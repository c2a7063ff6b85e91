"""First step of the evaluation: fact files → facts. `eval.evidence` then finds their quotes.

A fact file is YAML, written by hand; `eval/facts.schema.json` describes it to editors. A fault
names file, line, field and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from yaml.nodes import Node

from eval.errors import FactsWrong
from eval.yaml_nodes import (
    Problems,
    compose,
    fields_of,
    flag_of,
    items_of,
    text_of,
    texts_of,
)

MAX_FILE_BYTES = 5_000_000
FILE_FIELDS = ("facts", "conversations")
EVIDENCE_FIELDS = ("document", "quote")
CLAIM_FIELDS = ("answers", "evidence", "must_pass", "form", "unanswerable", "reason", "note")
FACT_FIELDS = ("id", "question", *CLAIM_FIELDS, "tags")
CONVERSATION_FIELDS = ("id", "turns", "tags")
TURN_FIELDS = ("question", "standalone", *CLAIM_FIELDS)

Span = tuple[int, int]
Form = Literal["short", "long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an article says, word for word. `article.text[start:end] == quote` at every place.

    `places` is empty before the articles were looked at, and where the quote is gone.
    """

    document: str
    quote: str
    line: int
    places: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A checked question. One turn of a conversation is a fact too: facts of the same
    `conversation` follow each other, and `standalone` says what the turn asks by itself.

    Any one of `answers` is right. An unanswerable fact has a `reason` and no answers.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    tags: tuple[str, ...]
    must_pass: bool
    form: Form
    unanswerable: bool
    reason: str
    file: str
    line: int
    standalone: str | None = None
    conversation: str | None = None


def fact_files(folder: Path) -> list[Path]:
    """The YAML files under a folder, or the one file named, in order. Raises: FactsWrong."""
    if folder.is_file():
        return [folder]
    found = sorted(path for path in folder.rglob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    if not found:
        raise FactsWrong([f"{folder}: no fact files (*.yaml). Name a folder: --facts DIR"])
    return found


def load_facts(folder: Path) -> tuple[Fact, ...]:
    """The facts of every file under `folder`, evidence not yet placed. Raises: FactsWrong."""
    facts: list[Fact] = []
    problems: list[str] = []
    for path in fact_files(folder):
        name = path.relative_to(folder).as_posix() if path != folder else path.name
        try:
            facts.extend(parse_facts(read_fact_file(path), name, shown=str(path)))
        except FactsWrong as error:
            problems.extend(error.problems)
    first: dict[str, Fact] = {}
    for fact in facts:
        known = first.setdefault(fact.id, fact)
        if known is not fact:
            place = folder if folder.is_file() else folder / fact.file
            problems.append(
                f"{place}:{fact.line}: id: '{fact.id}' is already the id of the fact at "
                f"{known.file}:{known.line}. Give it another."
            )
    if problems:
        raise FactsWrong(problems)
    return tuple(facts)


def read_fact_file(path: Path) -> str:
    """The text of a fact file. Raises: FactsWrong for one that is too large or not UTF-8."""
    try:
        size = path.stat().st_size
        if size >= MAX_FILE_BYTES:
            raise FactsWrong(
                [f"{path}:1: {size / 1e6:.1f} MB; a fact file is under 5 MB. Split it."]
            )
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FactsWrong([f"{path}:1: not UTF-8 at byte {error.start}. Save it as UTF-8."]) from (
            error
        )
    except OSError as error:
        raise FactsWrong([f"{path}:1: cannot be read: {error.strerror}."]) from error


def parse_facts(text: str, file: str, shown: str | None = None) -> tuple[Fact, ...]:
    """The facts of one file. `shown` is its name in messages. Raises: FactsWrong."""
    problems = Problems(shown or file)
    root = compose(text, problems.file)
    if root is None:
        raise FactsWrong([f"{problems.file}:1: empty. Expected a list under facts:"])
    fields = fields_of(root, "", FILE_FIELDS, problems)
    facts: list[Fact] = []
    if fields is not None and not fields and not problems.lines:
        problems.add(root, "facts", "expected a list of facts; the file has none")
    for at, node in enumerate(_items(fields, "facts", problems)):
        facts.extend(_fact(node, f"facts[{at}]", file, problems))
    for at, node in enumerate(_items(fields, "conversations", problems)):
        facts.extend(_conversation(node, f"conversations[{at}]", file, problems))
    if not facts and not problems.lines:
        problems.add(root, "facts", "expected at least one fact; the list is empty")
    problems.raise_if_any()
    return tuple(facts)


def _items(fields: Mapping[str, Node] | None, name: str, problems: Problems) -> list[Node]:
    node = (fields or {}).get(name)
    return items_of(node, name, "mappings", problems) if node is not None else []


def _fact(node: Node, place: str, file: str, problems: Problems) -> list[Fact]:
    fields = fields_of(node, place, FACT_FIELDS, problems)
    if fields is None:
        return []
    _require(fields, node, place, ("id", "question"), problems)
    named = text_of(fields, "id", place, problems)
    tags = texts_of(fields, "tags", place, problems)
    return [
        _claim(fields, node, f"{place} ({named})" if named else place, file, named, tags, problems)
    ]


def _conversation(node: Node, place: str, file: str, problems: Problems) -> list[Fact]:
    fields = fields_of(node, place, CONVERSATION_FIELDS, problems)
    if fields is None:
        return []
    _require(fields, node, place, ("id", "turns"), problems)
    named = text_of(fields, "id", place, problems)
    tags = texts_of(fields, "tags", place, problems)
    turns: list[Fact] = []
    for at, turn in enumerate(_items(fields, "turns", problems)):
        here = f"{place}.turns[{at}]"
        known = fields_of(turn, here, TURN_FIELDS, problems)
        if known is not None:
            _require(known, turn, here, ("question", "standalone"), problems)
            turns.append(
                _claim(known, turn, here, file, f"{named}/{at + 1}", tags, problems, named)
            )
    return turns


def _claim(
    fields: Mapping[str, Node],
    node: Node,
    place: str,
    file: str,
    named: str,
    tags: tuple[str, ...],
    problems: Problems,
    conversation: str | None = None,
) -> Fact:
    unanswerable = flag_of(fields, "unanswerable", place, problems)
    if unanswerable:
        _require(fields, node, place, ("reason",), problems)
        if "answers" in fields:
            problems.add(fields["answers"], f"{place}.answers", "an unanswerable fact has none")
    else:
        _require(fields, node, place, ("answers", "evidence"), problems)
    form = text_of(fields, "form", place, problems) or "short"
    if form not in ("short", "long"):
        problems.add(fields["form"], f"{place}.form", f"expected short or long; got '{form}'")
    return Fact(
        id=named,
        question=text_of(fields, "question", place, problems),
        answers=texts_of(fields, "answers", place, problems),
        evidence=_evidence(fields, place, problems),
        tags=tags,
        must_pass=flag_of(fields, "must_pass", place, problems),
        form="long" if form == "long" else "short",
        unanswerable=unanswerable,
        reason=text_of(fields, "reason", place, problems),
        file=file,
        line=node.start_mark.line + 1,
        standalone=text_of(fields, "standalone", place, problems) or None,
        conversation=conversation,
    )


def _evidence(fields: Mapping[str, Node], place: str, problems: Problems) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for at, node in enumerate(
        _items({"evidence": fields["evidence"]}, "evidence", problems)
        if "evidence" in fields
        else []
    ):
        here = f"{place}.evidence[{at}]"
        known = fields_of(node, here, EVIDENCE_FIELDS, problems)
        if known is None:
            continue
        _require(known, node, here, EVIDENCE_FIELDS, problems)
        document = text_of(known, "document", here, problems)
        quote = text_of(known, "quote", here, problems)
        if document and quote:
            line = known["quote"].start_mark.line + 1
            found.append(Evidence(document=document, quote=quote, line=line))
    return tuple(found)


def _require(
    fields: Mapping[str, Node],
    node: Node,
    place: str,
    names: Sequence[str],
    problems: Problems,
) -> None:
    for name in names:
        if name not in fields:
            problems.add(node, f"{place}.{name}", "missing")
        elif name in ("answers", "evidence", "turns") and not getattr(fields[name], "value", None):
            problems.add(
                fields[name], f"{place}.{name}", "expected at least one; the list is empty"
            )
