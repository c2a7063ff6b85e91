"""Other formats → fact files: CSV by hand, SQuAD and BEIR with their articles."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from eval.bench.benchmark import Benchmark, BenchQuestion
from eval.errors import FactsWrong
from rag.types import Article

SEPARATOR = "|"
COLUMNS = (
    "id", "question", "answers", "document", "quote", "tags", "must_pass", "form", "reason",
)  # fmt: skip
REQUIRED = ("question",)
QUOTE_AROUND = 200


def facts_from_csv(path: Path) -> list[dict[str, Any]]:
    """The facts of a CSV file with a header. Raises: FactsWrong, naming the line.

    `answers` and `tags` are separated by `|`. A row with a `reason` is unanswerable.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            unknown = [name for name in header if name not in COLUMNS]
            missing = [name for name in REQUIRED if name not in header]
            if unknown or missing:
                what = f"unknown column '{unknown[0]}'" if unknown else f"no column '{missing[0]}'"
                raise FactsWrong([f"{path}:1: {what}. Known: {', '.join(COLUMNS)}"])
            facts = [
                _csv_fact(row, f"{path}:{reader.line_num}", at) for at, row in enumerate(reader, 1)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FactsWrong([f"{path}:1: cannot be read: {error}"]) from error
    if not facts:
        raise FactsWrong([f"{path}:2: no rows under the header"])
    return facts


def write_facts(path: Path, facts: list[dict[str, Any]]) -> None:
    """Writes a fact file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"facts": facts}, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, "utf-8", newline="\n")


def write_benchmark(folder: Path, benchmark: Benchmark) -> str:
    """Writes `articles/*.txt` and `facts/*.yaml`; the value says how many, and what to run.

    Questions whose answer is not word for word in their article cannot be facts and are left out.
    """
    articles = folder / "articles"
    articles.mkdir(parents=True, exist_ok=True)
    by_id = {article.id: article for article in benchmark.articles}
    for article in benchmark.articles:
        (articles / f"{article.id}.txt").write_text(article.text, "utf-8", newline="")
    facts = [fact for question in benchmark.questions for fact in _bench_fact(question, by_id)]
    write_facts(folder / "facts" / f"{benchmark.name}.yaml", facts)
    return (
        f"{len(by_id):,} articles and {len(facts):,} facts of {len(benchmark.questions):,} questions "
        f"in '{folder}'. Run them: groundwire eval --articles {articles} --facts {folder / 'facts'}"
    )


def _csv_fact(row: dict[str, Any], place: str, number: int) -> dict[str, Any]:
    if None in row or None in row.values():
        raise FactsWrong([f"{place}: not as many cells as the header has columns"])
    cells = {name: value.strip() for name, value in row.items() if value.strip()}
    if "question" not in cells:
        raise FactsWrong([f"{place}: question: missing"])
    fact: dict[str, Any] = {"id": cells.get("id", f"row-{number}"), "question": cells["question"]}
    if "reason" in cells:
        fact |= {"unanswerable": True, "reason": cells["reason"]}
    else:
        for name in ("answers", "document", "quote"):
            if name not in cells:
                raise FactsWrong([f"{place}: {name}: missing (or give a reason: unanswerable)"])
        fact["answers"] = list(_parts(cells["answers"]))
        fact["evidence"] = [{"document": cells["document"], "quote": cells["quote"]}]
    if "tags" in cells:
        fact["tags"] = list(_parts(cells["tags"]))
    if cells.get("must_pass", "").lower() in ("true", "yes", "1"):
        fact["must_pass"] = True
    if "form" in cells:
        fact["form"] = cells["form"]
    return fact


def _parts(cell: str) -> Iterator[str]:
    return (part.strip() for part in cell.split(SEPARATOR) if part.strip())


def _bench_fact(question: BenchQuestion, articles: dict[str, Article]) -> Iterator[dict[str, Any]]:
    if question.unanswerable:
        reason = "marked unanswerable in the data set"
        yield {
            "id": question.id,
            "question": question.question,
            "unanswerable": True,
            "reason": reason,
        }
        return
    evidence = [
        {"document": document, "quote": quote}
        for document in question.documents
        if (quote := _quote(articles[document].text, question.answers))
    ]
    if evidence:
        yield {
            "id": question.id,
            "question": question.question,
            "answers": list(question.answers),
            "evidence": evidence,
        }


def _quote(text: str, answers: tuple[str, ...]) -> str:
    """The line around the first answer that stands in the text, at most a few hundred characters."""
    for answer in answers:
        at = text.find(answer)
        if at >= 0:
            low = max(text.rfind("\n", 0, at) + 1, at - QUOTE_AROUND)
            end = at + len(answer)
            stop = text.find("\n", end)
            return text[low : min(len(text) if stop < 0 else stop, end + QUOTE_AROUND)].strip()
    return ""
