# ruff: noqa: E501
from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eval.errors import FactsWrong
from eval.evidence import place_evidence
from eval.facts import (
    CONVERSATION_FIELDS,
    EVIDENCE_FIELDS,
    FACT_FIELDS,
    MAX_FILE_BYTES,
    TURN_FIELDS,
    Fact,
    load_facts,
    parse_facts,
)
from rag.types import Article

TEXT = "The harbour was opened in 1883 by Queen Sophia. It has 27 cranes. It has a clock."
GOOD = """\
facts:
  - id: cranes
    question: How many cranes are there?
    answers: [27, twenty-seven]
    evidence:
      - document: harbour
        quote: It has 27 cranes
    tags: [number]
    must_pass: true
  - id: mayor
    question: Who is the mayor?
    unanswerable: true
    reason: no mayor is named
conversations:
  - id: opening
    turns:
      - question: Who opened the harbour?
        standalone: Who opened the harbour?
        answers: [Queen Sophia]
        evidence: [{document: harbour.txt, quote: by Queen Sophia}]
      - question: When?
        standalone: When did Queen Sophia open the harbour?
        answers: [1883]
        evidence: [{document: harbour, quote: opened in 1883}]
"""


def article(text: str = TEXT) -> Article:
    return Article(
        id="harbour",
        title="Harbour",
        text=text,
        sha256=sha256(text.encode()).hexdigest(),
        source="harbour.txt",
    )


def placed(text: str, folder: Path = Path("facts")) -> tuple[Fact, ...]:
    return place_evidence(parse_facts(text, "a.yaml"), {"harbour": article()}, folder)


def refusal(text: str) -> str:
    with pytest.raises(FactsWrong) as caught:
        placed(text)
    return str(caught.value)


def test_facts_and_turns_are_read_with_their_lines_and_places() -> None:
    cranes, mayor, first, second = placed(GOOD)
    assert cranes.answers == ("27", "twenty-seven") and cranes.must_pass and cranes.line == 2
    (item,) = cranes.evidence
    assert [TEXT[start:end] for start, end in item.places] == ["It has 27 cranes"]
    assert mayor.unanswerable and mayor.reason == "no mayor is named" and not mayor.answers
    assert (first.id, second.id, second.conversation) == ("opening/1", "opening/2", "opening")
    assert second.standalone == "When did Queen Sophia open the harbour?"
    assert first.evidence[0].document == "harbour"


def test_a_quote_that_stands_twice_has_both_places() -> None:
    (fact,) = placed(
        "facts: [{id: a, question: b, answers: [c], evidence: "
        "[{document: harbour, quote: It has}]}]"
    )
    assert [TEXT[start:end] for start, end in fact.evidence[0].places] == ["It has", "It has"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("must_pass: true", "must_pas: true", "a.yaml:9: facts[0].must_pas: unknown field. Did you mean 'must_pass'?"),
        ("must_pass: true", "colour: red", "a.yaml:9: facts[0].colour: unknown field. Known: id, question"),
        ("must_pass: true", "must_pass: sometimes", "a.yaml:9: facts[0] (cranes).must_pass: expected true or false; got 'sometimes'"),
        ("must_pass: true", "form: tall", "a.yaml:9: facts[0] (cranes).form: expected short or long; got 'tall'"),
        ("must_pass: true", "tags: [twice]", "a.yaml:9: facts[0].tags: given twice"),
        ("[27, twenty-seven]", "{a: b}", "a.yaml:4: facts[0] (cranes).answers: expected a list of texts, numbers or dates; got a mapping"),
        ("[27, twenty-seven]", "[]", "a.yaml:4: facts[0] (cranes).answers: expected at least one; the list is empty"),
        ("[27, twenty-seven]", "[27, ~]", "a.yaml:4: facts[0] (cranes).answers[1]: expected a text; got nothing"),
        ("    question: How many cranes are there?\n", "", "a.yaml:2: facts[0].question: missing"),
        ("    reason: no mayor is named\n", "", "a.yaml:10: facts[1] (mayor).reason: missing"),
        ("reason: no mayor is named", "answers: [Anna]\n    reason: x", "a.yaml:13: facts[1] (mayor).answers: an unanswerable fact has none"),
        ("        standalone: When did Queen Sophia open the harbour?\n", "", "a.yaml:21: conversations[0].turns[1].standalone: missing"),
        ("quote: It has 27 cranes", "quote: It has 28 cranes", "a.yaml:7: evidence.quote: not in 'harbour': 'It has 28 cranes'. It says: 'It has 27 cranes'"),
        ("document: harbour\n", "document: harbor\n", "a.yaml:7: evidence.document: no article 'harbor' in the index (quoted once). Did you mean 'harbour'?"),
        ("facts:\n", "fact:\n", "a.yaml:1: fact: unknown field. Did you mean 'facts'?"),
        ("question: How many cranes are there?", "question: How: many", "a.yaml:3: not valid YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_and_line(old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert message in refusal(GOOD.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "# only a comment\n", "facts: []\n", "{}\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refusal(text).startswith("a.yaml:1: ")


@pytest.mark.parametrize("text", ["just words", "[1, 2]", "facts: words"])
def test_another_shape_is_refused(text: str) -> None:
    assert "a.yaml:1: " in refusal(text) and "expected" in refusal(text)


def test_all_faults_of_a_file_are_reported_at_once() -> None:
    text = GOOD.replace("must_pass: true", "must_pas: true").replace("reason: no", "raison: no")
    assert len(refusal(text).splitlines()) == 3


def test_duplicate_ids_name_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD.replace("id: mayor", "id: reeve"))
    with pytest.raises(FactsWrong) as caught:
        load_facts(tmp_path)
    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"{tmp_path / 'b.yaml'}:2: id: 'cranes'") and "a.yaml:2" in first


def test_a_file_of_five_megabytes_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"#" * MAX_FILE_BYTES)
    with pytest.raises(FactsWrong, match=r"big\.yaml:1: 5\.0 MB; a fact file is under 5 MB"):
        load_facts(tmp_path)


def test_a_file_in_another_encoding_and_a_folder_without_facts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FactsWrong, match="no fact files"):
        load_facts(tmp_path)
    (tmp_path / "a.yaml").write_bytes("facts: café".encode("latin-1"))
    with pytest.raises(FactsWrong, match="not UTF-8 at byte 10"):
        load_facts(tmp_path)


def test_nesting_without_end_is_refused() -> None:
    assert refusal("facts: " + "[" * 100_000) == "a.yaml:1: not a fact file: nested too deeply"


def test_a_quote_that_once_stood_is_kept_without_a_place() -> None:
    facts = parse_facts(GOOD, "a.yaml")
    changed = {"harbour": article(TEXT.replace("27", "28"))}
    with pytest.raises(FactsWrong):
        place_evidence(facts, changed, Path("facts"))
    found = place_evidence(facts, changed, Path("facts"), [("harbour", "It has 27 cranes")])
    assert found[0].evidence[0].places == ()
    assert found[2].evidence[0].places


@given(st.text())
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        parse_facts(text, "a.yaml")
    except FactsWrong as error:
        assert all(line.startswith("a.yaml:") for line in error.problems)


@given(st.lists(st.sampled_from(GOOD.splitlines(keepends=True)), max_size=12))
def test_shuffled_lines_are_read_or_refused_with_a_line(lines: list[str]) -> None:
    try:
        parse_facts("".join(lines), "a.yaml")
    except FactsWrong as error:
        assert all(line.startswith("a.yaml:") for line in error.problems)


def schema() -> dict[str, object]:
    found: dict[str, object] = json.loads(files("eval").joinpath("facts.schema.json").read_text())
    return found


def test_the_schema_names_the_fields_that_the_loader_knows() -> None:
    definitions = json.loads(json.dumps(schema()))["$defs"]
    assert set(definitions["fact"]["properties"]) == set(FACT_FIELDS)
    assert set(definitions["turn"]["properties"]) == set(TURN_FIELDS)
    assert set(definitions["conversation"]["properties"]) == set(CONVERSATION_FIELDS)
    assert set(definitions["evidence"]["items"]["properties"]) == set(EVIDENCE_FIELDS)


def test_the_schema_takes_what_the_loader_takes_and_refuses_what_it_refuses() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(yaml.safe_load(GOOD))
    for old, new in (
        ("must_pass", "must_pas"),
        ("reason: no", "note: no"),
        ("[27, twenty-seven]", "[]"),
    ):
        assert not validator.is_valid(yaml.safe_load(GOOD.replace(old, new, 1)))
        assert refusal(GOOD.replace(old, new, 1))
