"""Weights that take from written questions what their wording gives away.

Whoever writes unanswerable questions writes other questions: of the first ones here a classifier
that saw no passage told 86 % of pairs apart. A reader would learn that instead of reading. With
overlap weights, the probability of the other label given what the classifier sees, both labels look
alike to it (Li, Morgan and Zaslavsky 2018, https://doi.org/10.1080/01621459.2016.1260466).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_predict

from rag.training.written import WrittenQuestion

FOLDS = 5
_WORD = re.compile(r"\w{4,}")


def overlap_weights(written: Sequence[WrittenQuestion]) -> list[float]:
    """One weight from 0 to 1 for each question: how wrong a guess at its label without reading is."""
    questions = [item.question.lower() for item in written]
    wording = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    seen = hstack([wording.fit_transform(questions), csr_matrix([_outside(i) for i in written])])
    answered = np.array([item.span is not None for item in written])
    guess = cross_val_predict(
        LogisticRegression(max_iter=1000),
        seen.tocsr(),
        answered,
        cv=KFold(FOLDS, shuffle=True, random_state=1),
        method="predict_proba",
    )[:, 1]
    return [float(weight) for weight in np.where(answered, 1 - guess, guess)]


def _outside(item: WrittenQuestion) -> list[float]:
    """Its length, its question mark, and the share of its words that the passage holds."""
    words = _WORD.findall(item.question.lower())
    held = sum(word in item.passage.lower() for word in words) / max(1, len(words))
    return [held, held**2, len(item.question) / 60, float(item.question.endswith("?"))]
