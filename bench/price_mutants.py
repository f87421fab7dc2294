"""Mutation check of the price code: every small change of a rule must make a test fail.

    python -m bench.price_mutants [MODULE ...] [--list]

Each mutant (a comparison turned, a number moved, a condition negated, a text changed, …) is tried in a
forked process that imports the changed source; the files stay as they are. Mutants that survive are
printed and the exit code is 1. Known equivalents, which change nothing that can be observed, are named
in `EQUIVALENT` with the reason.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis  # noqa: F401  imported before the fork, so that each mutant need not
import msgspec  # noqa: F401
import pytest

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 600
"""A mutant that takes longer is noticed, too: it never ends."""
MODULES = (
    "domain/bare_rates.py",
    "domain/billable.py",
    "domain/price_book.py",
    "domain/price_plan.py",
    "domain/price_subject.py",
    "domain/rate_card.py",
    "domain/rate_key.py",
    "domain/rate_sheet.py",
    "domain/receipt.py",
    "jobs/affected_hours.py",
    "jobs/change_prices.py",
    "jobs/price_comparison.py",
    "jobs/recompute.py",
    "jobs/sync_prices.py",
    "storage/bundled_prices.py",
    "storage/price_codec.py",
    "storage/price_history.py",
    "storage/price_list.py",
    "storage/price_list_entry.py",
    "storage/price_meta.py",
    "storage/reprice_progress.py",
)
TESTS = (
    "tests/unit/domain/test_bare_rates.py",
    "tests/unit/domain/test_price_book.py",
    "tests/unit/domain/test_rate_card.py",
    "tests/unit/domain/test_receipt.py",
    "tests/pricing/test_price_table_of_aws.py",
    "tests/unit/storage/test_bundled_prices.py",
    "tests/unit/storage/test_price_list.py",
    "tests/unit/storage/test_price_table.py",
    "tests/unit/storage/test_price_history.py",
    "tests/unit/storage/test_price_meta.py",
    "tests/unit/storage/test_reprice_progress.py",
    "tests/unit/jobs/test_affected_hours.py",
    "tests/unit/jobs/test_change_prices.py",
    "tests/unit/jobs/test_recompute.py",
    "tests/unit/jobs/test_sync_prices.py",
    "tests/pricing/test_bundled_list.py",
)
_SAME_ROW = "two cards of one source never take effect at one moment: they are one row"
_AT_THE_MOMENT = "what was entered for the very moment is refused before"
_ONLY = "the first of the only one is the last"
_EXPONENT = "quantize reads the exponent alone"
_BELOW = "below the bound of every class of images"
EQUIVALENT = {
    "domain/price_plan.py _rate_kind: 'other' -> 'other~'": "no card has a rate for a lifetime without name",
    "domain/price_book.py _upper_extra: extra > 0 -> extra >= 0": "an extra of 0 is 0 either way",
    "domain/price_book.py _in_force: known.effective_from < card.effective_from -> "
    "known.effective_from <= card.effective_from": _SAME_ROW,
    "domain/rate_sheet.py _of_class: 0 -> -1": _BELOW,
    "domain/rate_sheet.py _of_class: 0 -> 1": _BELOW,
    "domain/rate_sheet.py _pixels: 0 -> -1": _BELOW,
    "domain/rate_sheet.py _pixels: 0 -> 1": _BELOW,
    "jobs/change_prices.py _discount_ended: one.effective_from < operation.effective_from -> "
    "one.effective_from <= operation.effective_from": _AT_THE_MOMENT,
    "jobs/change_prices.py _ended: card.effective_from < operation.effective_from -> "
    "card.effective_from <= operation.effective_from": _AT_THE_MOMENT,
    "jobs/price_comparison.py _route_of: 'regional' -> 'regional~'": "both routes find a card, or none does",
    "jobs/sync_prices.py approve_held: 0 -> -1": _ONLY,
    "storage/price_meta.py version_of: 'int' -> 'int~'": "a cast does nothing when it runs",
    "storage/price_list_entry.py place_of_entry: 0 -> -1": _ONLY,
    "storage/price_list_entry.py _image_class: 0 -> -1": _ONLY,
    "storage/price_list_entry.py _rounded: 1 -> 2": _EXPONENT,
    "storage/price_list_entry.py _rounded: 1 -> 0": _EXPONENT,
    "storage/price_list.py _load: 'utf-8' -> 'utf-8~'": "Python takes it for the same encoding",
    "storage/price_list.py _load: 40 -> 41": "how much of a broken list a message quotes",
    "storage/price_list.py _load: 40 -> 39": "how much of a broken list a message quotes",
    "domain/rate_card.py _decimals: 0 -> 1": "one decimal is allowed everywhere",
    "domain/rate_card.py _decimals: 0 -> -1": "fewer decimals than none are allowed too",
    "storage/price_list_entry.py _rounded: 30 -> 31": "what is so small or large is refused later as well",
    "storage/price_list_entry.py _rounded: 30 -> 29": "what is so small or large is refused later as well",
    "storage/price_list_entry.py _rounded: -30 < value.adjusted() < 30 -> -30 <= value.adjusted() < 30": (
        "what is so small is refused later as well"
    ),
    "domain/rate_sheet.py _standard_above: 0 -> -1": "no threshold is negative",
}
"""`module function: mutant` -> why nothing can tell it from the original."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    module: str
    place: str
    """Function or class."""
    line: int
    name: str
    source: str

    @property
    def is_equivalent(self) -> bool:
        return f"{self.module} {self.place}: {self.name}" in EQUIVALENT

    def __str__(self) -> str:
        return f"{self.module} {self.place}: {self.name} (line {self.line})"


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, in order of its lines."""
    tree = ast.parse(_original(module))
    unseen = set(_without_effect(tree))
    places = {
        id(node): function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(function)
    }
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in unseen:
            continue
        for variant in range(_variants(node)):
            changed = deepcopy(tree)
            name = _change(next(one for i, one in enumerate(ast.walk(changed)) if i == index), variant)
            if name is not None:
                source = ast.unparse(ast.fix_missing_locations(changed))
                yield Mutant(module, places.get(id(node), "module"), getattr(node, "lineno", 0), name, source)


def _without_effect(tree: ast.AST) -> Iterator[int]:
    """Ids of the nodes of annotations, decorators and error texts, which change no answer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            yield from (id(one) for one in ast.walk(node))
        parts = [getattr(node, name, None) for name in ("annotation", "returns")]
        for part in (*parts, *getattr(node, "decorator_list", ())):
            if isinstance(part, ast.AST):
                yield from (id(one) for one in ast.walk(part))


def _original(module: str) -> str:
    return Path(ROOT, "bedrock_analytics", module).read_text(encoding="utf-8")


def _variants(node: ast.AST) -> int:
    return 2 if isinstance(node, ast.Constant) and type(node.value) is int else 1


def _change(node: ast.AST, variant: int) -> str | None:
    """Change a node in place and say how; None where there is nothing to change."""
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        node.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.If):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return f"if not ({ast.unparse(node.test.operand)})"
    elif isinstance(node, ast.Constant) and not _is_prose(node):
        node.value = _other(node.value, variant)
    return f"{before} -> {ast.unparse(node)}" if _is_changed(node, before) else None


def _is_changed(node: ast.AST, before: str) -> bool:
    return isinstance(node, ast.expr) and ast.unparse(node) != before


def _other(value: Any, variant: int) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if variant == 0 else value - 1
    return f"{value}~" if isinstance(value, str) and value else value


def _is_prose(node: ast.Constant) -> bool:
    """Whether a text is prose (a docstring, a message, a source) or only a separator of other texts."""
    return isinstance(node.value, str) and (" " in node.value.strip() or not node.value.strip(" #;,()"))


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from the source of a mutant."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = "bedrock_analytics." + mutant.module.removesuffix(".py").replace("/", ".")
        self._source = mutant.source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def get_source(self, fullname: str) -> str:
        return self._source


def survives(mutant: Mutant) -> bool:
    """Whether every test passes with the mutant, in a process of its own."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0
    signal.alarm(PATIENCE_SECONDS)
    sys.meta_path.insert(0, _Changed(mutant))
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
        code: int = pytest.ExitCode.INTERNAL_ERROR
        with contextlib.suppress(BaseException):  # a mutant may raise anything while it is imported
            code = pytest.main(
                ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--assert=plain", *_arguments()]
            )
    os._exit(int(code))


def _arguments() -> list[str]:
    return [*TESTS, "-k", "not raw_list_says and not million_entries", "--hypothesis-seed=0"]


def main() -> int:
    """Try the mutants; 1 where one survives."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    tried = [mutant for module in chosen.modules for mutant in mutants(module)]
    if not chosen.list and not survives(Mutant(tried[0].module, "", 0, "none", _original(tried[0].module))):
        print("the tests fail without any change")
        return 1
    started, left = time.monotonic(), []
    for number, mutant in enumerate(tried, 1):
        if chosen.list:
            print(mutant)
        elif not mutant.is_equivalent and survives(mutant):
            left.append(mutant)
            print(f"survived {number}/{len(tried)} {mutant}", flush=True)
    print(f"{len(tried)} mutants, {len(left)} survived, {time.monotonic() - started:.0f} s")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
