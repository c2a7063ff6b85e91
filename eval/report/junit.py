"""JUnit XML: one test case a fact, its cause in the message, and one a gate."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from eval.gates import Check
from eval.outcome import Outcome, Run
from eval.report.words import expected, got

# What XML 1.0 cannot hold
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run, checks: tuple[Check, ...]) -> str:
    """The report as JUnit XML; times in seconds."""
    root = ElementTree.Element("testsuites", name="groundwire eval")
    total = sum(outcome.timings_ms.get("total", 0.0) for outcome in run.outcomes) / 1000
    facts = ElementTree.SubElement(
        root,
        "testsuite",
        name="facts",
        tests=str(len(run.outcomes)),
        failures=str(sum(not outcome.passed for outcome in run.outcomes)),
        errors="0",
        skipped="0",
        time=f"{total:.3f}",
    )
    for outcome in run.outcomes:
        _fact(facts, outcome)
    gates = ElementTree.SubElement(
        root,
        "testsuite",
        name="gates",
        tests=str(len(checks)),
        failures=str(sum(not check.passed for check in checks)),
        errors="0",
        skipped="0",
        time="0",
    )
    for check in checks:
        case = ElementTree.SubElement(gates, "testcase", classname="gates", name=_clean(check.name))
        if not check.passed:
            failure = ElementTree.SubElement(case, "failure", message=_clean(check.message))
            failure.text = _clean("\n".join(check.facts))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _fact(suite: ElementTree.Element, outcome: Outcome) -> None:
    fact = outcome.fact
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_clean(fact.file.removesuffix(".yaml").replace("/", ".")),
        name=_clean(fact.id),
        file=_clean(fact.file),
        line=str(fact.line),
        time=f"{outcome.timings_ms.get('total', 0.0) / 1000:.3f}",
    )
    if outcome.passed:
        return
    failure = ElementTree.SubElement(
        case,
        "failure",
        type=str(outcome.cause),
        message=_clean(f"{outcome.cause}: {outcome.detail}"),
    )
    lines = [
        f"question: {fact.question}",
        f"expected: {expected(outcome)}",
        f"got: {got(outcome)}",
        *(
            f"evidence: {e.document} {e.places[0][0]}–{e.places[0][1]}: {e.quote}"
            for e in fact.evidence
            if e.places
        ),
    ]
    failure.text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
