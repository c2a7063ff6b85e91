"""What a question asks for, read from its words: the form of the answer and the type of its span."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["short", "long", "yes_no"]
AnswerType = Literal["quantity", "time", "person", "place", "any"]

# "How" with one of these asks for a quantity, with another word for a manner.
_MEASURED = (
    r"(?:many|much|few|old|young|long|short|far|close|near|often|frequently|tall|big|small|large|high|low"
    r"|deep|shallow|wide|broad|narrow|thick|thin|steep|fast|quick|slow|heavy|hot|warm|cold|strong|loud"
    r"|bright|dense)\b"
)
_LONG = re.compile(
    r"^(?:(?:and|but|so|then|also|well|ok|please|exactly)\b,?\s*"
    r"|(?:according to|in the (?:view|opinion|words) of)\b[^,]{1,60},\s*)*"
    r"(?:why\b|how come\b|for what reasons?\b|(?:please )?(?:describe|explain|summari[sz]e|outline)\b"
    r"|tell me\b|what (?:happened|happens|led|caused|explains?|makes?|made)\b"
    r"|(?:the )?(?:reasons?|causes?|explanation|purpose) (?:for|of|behind|why)\b"
    rf"|how (?!{_MEASURED}|late\b|early\b|soon\b|recently\b)"
    r"|(?:what|how) (?:did|do|does|has|have|had) .{1,80}?\b(?:say|said|argue|claim|think|comment|write|wrote"
    r"|warn|explain|respond|react|describe|describes|mean|state|stress|emphasi[sz]e|put it|assess|see|view)\b"
    r"|in what (?:way|sense|manner)|what (?:is|was|were|are) .{1,80}?\b(?:view|opinion|reaction|reason"
    r"|purpose|significance|assessment|take|position|explanation|objection|criticism|argument|justification"
    r"|response|advice|warning)\b"
    r"|what (?:reasons?|explanation|objection|criticism|arguments?|justification|advice|warning)\b)",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^(?:and |but |so )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may"
    r"|might|must)"
    r"(?:n['’]t)?\s+\w",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"\bhow {_MEASURED}"
    r"|\bwhat (?:number|amount|percentage|percent|proportion|share|quantity|age|price"
    r"|cost|figure|total|sum|fraction)\b"
    r"|\bwhich (?:number|percentage|anniversary)\b|\b(?:number|amount|percentage) of\b.*\?$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|decade|century|weekday|season)\b"
    r"|\bsince when\b|\bin what year\b|\bhow long ago\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:who|whom|whose)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|state|region|capital|location|building)\b",
    re.IGNORECASE,
)

_NUMBER_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|"
    r"thousand|million|billion|trillion|dozen|half|twice|once|several|both|couple)"
)
_HAS_QUANTITY = re.compile(rf"\d|\b{_NUMBER_WORD}s?\b", re.IGNORECASE)
_ORDINAL_ONLY = re.compile(
    r"^\W*(?:the )?(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b",
    re.IGNORECASE,
)
_HAS_TIME = re.compile(
    r"\b(?:1\d{3}|20\d{2})s?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|today"
    r"|yesterday|tomorrow|morning|afternoon|evening|night|midnight|noon|century|centuries|decades?|years?"
    r"|months?|weeks?|days?|hours?|minutes?|after|before|during|ago|last|next)\b|\d{1,2}[:.]\d\d|\d",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[A-Z\u00c0-\u00de]|[\u3040-\u9fff\uac00-\ud7af]")


def form_of(question: str) -> Form:
    """Whether a span answers (short), sentences do (long), or yes or no would (yes_no).

    >>> [form_of(q) for q in ("Why did he go?", "How many came?", "Did he come?", "What did Xi say?")]
    ['long', 'short', 'yes_no', 'long']
    """
    text = question.strip()
    if _LONG.search(text):
        return "long"
    return "yes_no" if _YES_NO.search(text) and " or " not in text else "short"


def expected_type(question: str) -> AnswerType:
    """The type of span that the question wants; "any" where its words do not tell.

    >>> [expected_type(q) for q in ("How many came?", "Who won?", "In what year?", "What fell?")]
    ['quantity', 'person', 'time', 'any']
    """
    if _QUANTITY.search(question):
        return "quantity"
    if _TIME.search(question):
        return "time"
    if _PLACE.search(question):
        return "place"
    return "person" if _PERSON.search(question) else "any"


def agrees(kind: AnswerType, span: str) -> bool:
    """Whether a span can be of the wanted type. An ordinal is no quantity: "11th" tells not how many.

    >>> agrees("quantity", "29"), agrees("quantity", "his 11th"), agrees("quantity", "the 11th")
    (True, True, False)
    """
    if kind == "quantity":
        return bool(_HAS_QUANTITY.search(span)) and not _ORDINAL_ONLY.match(span)
    if kind == "time":
        return bool(_HAS_TIME.search(span))
    if kind in ("person", "place"):
        return bool(_CAPITALISED.search(span))
    return True
