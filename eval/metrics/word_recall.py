"""Word recall: how many of the words of an accepted answer stand anywhere in the answer.

    recall = words of the accepted answer that the answer has / words of the accepted answer

A missing word with a digit makes it 0, and an answer of one word is found whole or not at all. The
best over the accepted answers.

Source: Adlakha et al. 2024 (recall for answers that are sentences), https://arxiv.org/abs/2307.16877.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.normal import words


def word_recall(answer: str, accepted: Sequence[str]) -> float:
    """0 to 1.

    >>> word_recall("Wilhelm Röntgen was the first, in 1901.", ["Wilhelm Conrad Röntgen", "1902"])
    0.6666666666666666
    """
    said = set(words(answer))
    return max((_recall(said, words(text)) for text in accepted), default=0.0)


def _recall(said: set[str], wanted: list[str]) -> float:
    missing = [word for word in wanted if word not in said]
    if not wanted or any(character.isdigit() for word in missing for character in word):
        return 0.0
    return (len(wanted) - len(missing)) / len(wanted)
