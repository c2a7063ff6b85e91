"""The faults of the evaluation, each with one line that says what, where and what to do.

GroundwireError
├── FactsWrong         a fact file breaks its format or quotes what no article says
├── ReportWrong        a report or a baseline cannot be read
├── GatesWrong         eval.toml is wrong
└── BenchmarkWrong     a public data set is not in the layout that its name promises
"""

from rag.errors import GroundwireError


class FactsWrong(GroundwireError):
    """Fact files break their format; `problems` holds one line for each fault."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        shown = problems[:20]
        more = len(problems) - len(shown)
        super().__init__("\n".join(shown) + (f"\n… and {more} more" if more else ""))


class ReportWrong(GroundwireError):
    """A report or a baseline cannot be read."""


class GatesWrong(GroundwireError):
    """eval.toml is wrong."""


class BenchmarkWrong(GroundwireError):
    """A public data set is not in the layout that its name promises."""
