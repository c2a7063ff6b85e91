"""Text → the words that are compared: SQuAD's normalisation, made safe for other languages.

Lower case, no punctuation, no English articles, one space. Beyond SQuAD's script: Unicode
punctuation and accents fold ("São" = "Sao", "Xi’s" = "Xi's"), digits lose their thousands commas, and
scripts written without spaces count each character as a word.

Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250, evaluate-v1.1.py.
"""

from __future__ import annotations

import re
import unicodedata

_ARTICLES = frozenset(("a", "an", "the"))
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)")
_POSSESSIVE = re.compile(r"['’]s\b")
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def words(text: str) -> list[str]:
    """The compared words of a text, in order.

    >>> words("The Russian Gazette’s 60,000 readers (in São Paulo)")
    ['russian', 'gazette', '60000', 'readers', 'in', 'sao', 'paulo']
    """
    text = _POSSESSIVE.sub("", join_thousands(text.lower()))
    folded = unicodedata.normalize("NFKD", text).lower()  # "ᴬ" folds to a capital
    kept = "".join(
        " " if _separates(character) else character
        for character in folded
        if not unicodedata.combining(character)
    )
    return [word for word in _UNSPACED.sub(r" \1 ", kept).split() if word not in _ARTICLES]


def join_thousands(text: str) -> str:
    """The text with the groups of its long numbers joined.

    >>> join_thousands("60,000 and 1 234 567, but 2001, 2002")
    '60000 and 1234567, but 2001, 2002'
    """
    return _THOUSANDS.sub(lambda found: re.sub(r"\D", "", found.group()), text)


def normal(text: str) -> str:
    """The compared words joined by one space."""
    return " ".join(words(text))


def _separates(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"
