from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.bench.beir import read_beir
from eval.bench.benchmark import limited
from eval.bench.figures import figures
from eval.bench.journal import Journal
from eval.bench.squad import read_squad
from eval.bench.tables import answers_table
from eval.errors import BenchmarkWrong, FactsWrong
from eval.facts import load_facts
from eval.importers import facts_from_csv, write_benchmark, write_facts
from eval.judgements import agreement_table, read_judgements

MILL = "The mill burned down in 1921.\nIt was built again two years later."


@pytest.fixture
def squad_file(tmp_path: Path) -> Path:
    def question(number: int, text: str, **others: Any) -> dict[str, Any]:
        return {"id": f"q{number}", "question": text, **others}

    paragraphs = [
        {
            "context": MILL,
            "qas": [
                question(1, "When did it burn?", answers=[{"text": "1921"}, {"text": "1921"}]),
                question(2, "Who set the fire?", answers=[], is_impossible=True),
                question(3, "Where?", answers=[{"text": "nowhere in the text"}]),
            ],
        },
        {"context": "The harbour has cranes.", "qas": []},
    ]
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({"data": [{"title": "Old_mill", "paragraphs": paragraphs}]}))
    return path


@pytest.fixture
def beir_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny-beir"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "d1", "title": "Mill", "text": MILL}))
    queries = [
        {"_id": "q1", "text": "when did it burn", "metadata": {"answers": ["1921"]}},
        {"_id": "q2", "text": "without a relevant document"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td1\t0\n")
    return folder


def test_squad_is_read_with_its_paragraphs_as_articles(squad_file: Path) -> None:
    benchmark = read_squad(squad_file)
    assert [article.text for article in benchmark.articles] == [MILL, "The harbour has cranes."]
    first, second, _ = benchmark.questions
    assert first.answers == ("1921",) and first.documents == (benchmark.articles[0].id,)
    assert second.unanswerable and not first.unanswerable
    assert [q.id for q in limited(benchmark, 2).questions] == ["q1", "q2"]
    assert len(limited(benchmark, 2).articles) == 2
    assert limited(benchmark, 9) == benchmark


def test_beir_is_read_with_its_relevant_documents(beir_folder: Path) -> None:
    benchmark = read_beir(beir_folder)
    (only,) = benchmark.questions
    assert (only.id, only.answers, only.documents) == ("q1", ("1921",), ("d1",))


def test_another_layout_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"questions": []}')
    with pytest.raises(BenchmarkWrong, match=r"a\.json' is not in SQuAD's layout: KeyError"):
        read_squad(tmp_path / "a.json")
    with pytest.raises(BenchmarkWrong, match=r"Wanted: corpus\.jsonl, queries\.jsonl, qrels"):
        read_beir(tmp_path)
    with pytest.raises(BenchmarkWrong, match="No evouna"):
        read_judgements(tmp_path)


def test_a_benchmark_becomes_articles_and_facts_that_load(
    squad_file: Path, beir_folder: Path, tmp_path: Path
) -> None:
    message = write_benchmark(tmp_path / "squad", read_squad(squad_file))
    assert "2 articles and 2 facts of 3 questions" in message
    burned, fire = load_facts(tmp_path / "squad" / "facts")
    assert burned.answers == ("1921",) and fire.unanswerable
    (evidence,) = burned.evidence
    assert evidence.quote == "The mill burned down in 1921."
    article = tmp_path / "squad" / "articles" / f"{evidence.document}.txt"
    assert article.read_text() == MILL
    write_benchmark(tmp_path / "beir", read_beir(beir_folder))
    assert [fact.id for fact in load_facts(tmp_path / "beir" / "facts")] == ["q1"]


def test_csv_becomes_facts_that_load(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(
        "id,question,answers,document,quote,tags,must_pass,reason\n"
        'burned,When did it burn?,1921|in 1921,mill,"burned down, in 1921",date|mill,yes,\n'
        ",Who set the fire?,,,,,,nobody is named\n"
    )
    write_facts(tmp_path / "out" / "a.yaml", facts_from_csv(path))
    burned, fire = load_facts(tmp_path / "out")
    assert burned.answers == ("1921", "in 1921") and burned.must_pass
    assert burned.tags == ("date", "mill") and burned.evidence[0].quote == "burned down, in 1921"
    assert fire.unanswerable and fire.id == "row-2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,question,colour\n", "facts.csv:1: unknown column 'colour'"),
        ("id,answers\n", "facts.csv:1: no column 'question'"),
        ("question,answers\n", "facts.csv:2: no rows"),
        ("question,answers\nWhen?,1921\n", "facts.csv:2: document: missing"),
        ("question,answers\nWhen?\n", "facts.csv:2: not as many cells"),
        ("question,answers\n,1921\n", "facts.csv:2: question: missing"),
    ],
)
def test_a_wrong_csv_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(text)
    with pytest.raises(FactsWrong) as caught:
        facts_from_csv(path)
    assert message in str(caught.value)


def test_a_journal_goes_on_where_it_was_stopped_but_mixes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal(path, {"reader": "a"}) as kept:
        kept.add({"id": "q1", "answer": "1921"})
        kept.add({"id": "q2", "answer": ""})
    with path.open("a") as file:
        file.write('{"id": "q3", "answ')  # the process was killed here
    with Journal(path, {"reader": "a"}) as kept:
        assert set(kept.done) == {"q1", "q2"} and kept.done["q1"]["answer"] == "1921"
    with Journal(path, {"reader": "b"}) as kept:
        assert kept.done == {}


def test_figures_follow_squad_and_count_with_and_without_the_threshold(squad_file: Path) -> None:
    def record(answer: str, confidence: float, documents: list[str]) -> dict[str, Any]:
        return {
            "answer": answer, "text": answer, "confidence": confidence, "documents": documents,
            "timings_ms": {"total": 10.0},
        }  # fmt: skip

    benchmark = read_squad(squad_file)
    gold = benchmark.articles[0].id
    records = [
        record("1921", 0.4, ["x", gold]),
        record("a boy", 0.3, [gold]),
        record("somewhere", 0.9, ["x"]),
    ]
    found = figures(benchmark, records, 0.5, ranked=True)
    assert found.exact_match == pytest.approx(1 / 3)  # only the abstention on q2 is right
    assert found.exact_match_forced == 0.5 and found.coverage == pytest.approx(1 / 3)
    assert (found.abstention_precision, found.abstention_recall) == (0.5, 1.0)
    assert (found.success_at_1, found.recall_at_5) == (0.0, 0.5)
    closed = figures(benchmark, records, 0.0, ranked=False)
    assert closed.exact_match == pytest.approx(1 / 3) and closed.success_at_1 is None
    assert closed.abstention_precision is None and closed.abstention_f1 is None
    table = answers_table({"open": found, "closed": closed}).splitlines()
    assert len({line.count("|") for line in table}) == 1 and "–" in table[3]


def test_judgements_are_read_and_compared(tmp_path: Path) -> None:
    rows = [
        {"question": "When?", "golden_answer": "1921/in 1921", "answer_x": "1921", "judge_x": True},
        {"question": "Who?", "golden_answer": "Anna", "answer_x": "Berta", "judge_x": False},
        {"question": "Old?", "golden_answer": None, "answer_x": "c", "judge_x": None},
        {"question": "Bad?", "golden_answer": "d", "answer_x": "d", "judge_x": True, "improper": True},
    ]  # fmt: skip
    (tmp_path / "evouna_NQ.json").write_text(json.dumps(rows))
    (tmp_path / "NQ301_human.tsv").write_text(
        "id\tQuestion\tModel answer\tAcceptable?\n1\twhen?\t1921\tYes\n2\tother\ty\tNo\n"
    )
    found = read_judgements(tmp_path)
    assert [judgement.right for judgement in found] == [True, False, True]
    table = agreement_table(found)
    assert [(row.system, row.kind, row.n) for row in table][:2] == [
        ("evouna_NQ x", "all", 2), ("evouna_NQ x", "quantities", 1),
    ]  # fmt: skip
    assert table[0].form == "short" and table[0].kappas["ours"] == 1.0
