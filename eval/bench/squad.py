"""SQuAD's JSON (1.1 and 2.0) → paragraphs as articles, and questions about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.bench.benchmark import Benchmark, BenchQuestion
from eval.errors import BenchmarkWrong
from rag.types import Article, text_sha256


def read_squad(path: Path) -> Benchmark:
    """The data set of one file. A paragraph that occurs twice is one article. Raises: BenchmarkWrong."""
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        articles: dict[str, Article] = {}
        questions: list[BenchQuestion] = []
        for entry in value["data"]:
            for paragraph in entry["paragraphs"]:
                article = paragraph_article(str(paragraph["context"]))
                articles.setdefault(article.id, article)
                questions.extend(_question(item, article.id) for item in paragraph["qas"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchmarkWrong(
            f"'{path}' is not in SQuAD's layout: {error!r}. Give a file like dev-v1.1.json."
        ) from error
    return Benchmark(name=path.stem, articles=tuple(articles.values()), questions=tuple(questions))


def paragraph_article(text: str) -> Article:
    """A paragraph as an article of its own, named by its text.

    It has no title: the usual comparisons search the paragraphs alone.
    """
    name = f"p-{text_sha256(text)[:16]}"
    return Article.of(id=name, title="", text=text, source=f"{name}.txt")


def _question(item: dict[str, Any], article: str) -> BenchQuestion:
    answers = tuple(dict.fromkeys(str(answer["text"]) for answer in item.get("answers", ())))
    return BenchQuestion(
        id=str(item["id"]),
        question=str(item["question"]),
        answers=answers,
        documents=(article,),
        unanswerable=bool(item.get("is_impossible", not answers)),
    )
