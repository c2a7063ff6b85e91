"""Answer match: is this a right answer? The one judgement that decides whether a fact passes.

A short answer (a span) is right if, for one accepted answer,
- the accepted answer is a quantity or date: it says the same quantity (`quantities.same`);
- else: token F1 is at least 0.5 where the words of one are all among the other's ("President Vucic",
  "Vucic"), and at least 0.6 where words are exchanged ("Queen Sophia" is not "Queen Silvia").

A long answer (sentences) is right if, for one accepted answer,
- the accepted answer is an amount with its unit: it is said (`quantities.says`);
- it is another quantity or date: it is said, or stands there word for word;
- else: at least two thirds of its words stand there, all that hold a digit among them.

Checked against people: `groundwire eval kappa`; the agreement is in docs/evaluation.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.metrics.containment import containment
from eval.metrics.normal import words
from eval.metrics.quantities import is_quantity, quantities, same, says
from eval.metrics.token_f1 import token_f1
from eval.metrics.word_recall import word_recall

ENOUGH_F1 = 0.5
ENOUGH_F1_EXCHANGED = 0.6
# Over containment this lifts the agreement with people by 0.03 to 0.09; one half is no better.
ENOUGH_RECALL = 2 / 3


def short_match(answer: str, accepted: Sequence[str]) -> bool:
    """Whether a span is a right answer.

    >>> short_match("sixty thousand", ["60,000"]), short_match("62", ["64"])
    (True, False)
    >>> short_match("President Aleksandar Vucic", ["Aleksandar Vucic"])
    True
    """
    return any(
        same(answer, text) if is_quantity(text) else _alike(answer, text) for text in accepted
    )


def long_match(answer: str, accepted: Sequence[str]) -> bool:
    """Whether sentences hold a right answer.

    >>> long_match("He is among 29 world leaders.", ["twenty-nine"])
    True
    """
    return any(_holds(answer, text) for text in accepted)


def _alike(answer: str, text: str) -> bool:
    said, wanted = Counter(words(answer)), Counter(words(text))
    within = said <= wanted or wanted <= said
    return token_f1(answer, [text]) >= (ENOUGH_F1 if within else ENOUGH_F1_EXCHANGED)


def _holds(answer: str, text: str) -> bool:
    if not is_quantity(text):
        return word_recall(answer, [text]) >= ENOUGH_RECALL
    if says(answer, text) or quantities(text).units:
        return says(answer, text)
    return containment(answer, [text]) == 1.0
