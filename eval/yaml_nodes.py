"""YAML text → nodes that know their line, and checked reads of them.

PyYAML's constructed values have lost their lines, so fact files are read from the node graph.
Scalars keep their written form: `29` is "29" and `2024-05-09` is "2024-05-09".
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from eval.errors import FactsWrong

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_TRUE = frozenset(("true", "yes", "on"))


class Problems:
    """Collects what is wrong with one file; a fault does not hide the next one."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def add(self, node: Node | None, field: str, message: str) -> None:
        """One fault at a node: `file:line: field: message`."""
        line = node.start_mark.line + 1 if node is not None else 1
        self.lines.append(f"{self.file}:{line}: {field}: {message}")

    def raise_if_any(self) -> None:
        """Raises: FactsWrong."""
        if self.lines:
            raise FactsWrong(self.lines)


def compose(text: str, file: str) -> Node | None:
    """The root node of one YAML document; None for an empty one. Raises: FactsWrong."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise FactsWrong(
            [f"{file}:{line}: not valid YAML: {error.problem or error.context}"]
        ) from error
    except RecursionError as error:
        raise FactsWrong([f"{file}:1: not a fact file: nested too deeply"]) from error
    except yaml.YAMLError as error:
        raise FactsWrong([f"{file}:1: not valid YAML: {' '.join(str(error).split())}"]) from error


def fields_of(
    node: Node, place: str, known: Sequence[str], problems: Problems
) -> dict[str, Node] | None:
    """The fields of a mapping; unknown and repeated ones are faults. None if it is no mapping."""
    if not isinstance(node, MappingNode):
        problems.add(node, place, f"expected a mapping with {', '.join(known)}; got {kind(node)}")
        return None
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else kind(key)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}"
            problems.add(key, f"{place}.{name}" if place else name, f"unknown field. {hint}")
        elif name in found:
            problems.add(key, f"{place}.{name}" if place else name, "given twice")
        else:
            found[name] = value
    return found


def items_of(node: Node, place: str, what: str, problems: Problems) -> list[Node]:
    """The items of a list; a fault if it is none."""
    if not isinstance(node, SequenceNode):
        problems.add(node, place, f"expected a list of {what}; got {kind(node)}")
        return []
    return list(node.value)


def text_of(fields: Mapping[str, Node], name: str, place: str, problems: Problems) -> str:
    """A text field as written, without outer space; "" after a fault or where it is not given."""
    node = fields.get(name)
    return scalar(node, f"{place}.{name}", problems) if node is not None else ""


def scalar(node: Node, place: str, problems: Problems) -> str:
    """A scalar as written, without outer space; a fault if it is empty or no scalar."""
    if not isinstance(node, ScalarNode) or node.tag == _NULL or not str(node.value).strip():
        problems.add(node, place, f"expected a text; got {kind(node)}")
        return ""
    return str(node.value).strip()


def texts_of(
    fields: Mapping[str, Node], name: str, place: str, problems: Problems
) -> tuple[str, ...]:
    """A list of texts, numbers or dates, as written."""
    node = fields.get(name)
    if node is None:
        return ()
    items = items_of(node, f"{place}.{name}", "texts, numbers or dates", problems)
    texts = (scalar(item, f"{place}.{name}[{at}]", problems) for at, item in enumerate(items))
    return tuple(text for text in texts if text)


def flag_of(fields: Mapping[str, Node], name: str, place: str, problems: Problems) -> bool:
    """A true or false; false where it is not given."""
    node = fields.get(name)
    if node is None:
        return False
    if not isinstance(node, ScalarNode) or node.tag != _BOOL:
        problems.add(node, f"{place}.{name}", f"expected true or false; got {kind(node)}")
        return False
    return str(node.value).lower() in _TRUE


def kind(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.tag == _NULL or not str(node.value).strip():
        return "nothing"
    value = str(node.value)
    return f"'{value if len(value) <= 40 else value[:39] + '…'}'"
