"""`python -m bench [NAME …]`: run the benchmarks and write docs/benchmarks.md (with no name: all of them)."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import dashboard, l1, l2_writes, lake, lambda_imports, pipeline, reading, simulator

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"

BENCHES: dict[str, tuple[str, Callable[[], str]]] = {
    "l1": ("Reading log objects (L1)", l1.table),
    "lake": ("The embedded lake", lake.table),
    "l2": ("What L2 writes to DynamoDB", l2_writes.table),
    "cold": ("Cold starts of the functions", lambda_imports.table),
    "reading": ("Reading the serving tables", reading.table),
    "dashboard": ("The dashboard in a browser", dashboard.table),
    "pipeline": ("A million events on one machine", pipeline.table),
    "simulator": ("Simulated traffic", simulator.table),
}


def page(sections: dict[str, str]) -> str:
    """The document, with one section for each benchmark that ran."""
    head = (
        "# Benchmarks\n\nWritten by `make bench`. Machines are noisy: compare figures of one run with each "
        f"other, not with another run's.\nThis run: {datetime.now(UTC):%Y-%m-%d}, Python "
        f"{platform.python_version()} on {platform.system()} {platform.machine()}."
    )
    return "\n\n".join([head, *(f"## {title}\n\n{table}" for title, table in sections.items())]) + "\n"


def main(names: list[str]) -> None:
    """Run the named benchmarks; only a run of all of them replaces the document."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    sections: dict[str, str] = {}
    for name in names or BENCHES:
        title, table = BENCHES[name]
        sections[title] = table()
        print(f"## {title}\n\n{sections[title]}\n", flush=True)
    if not names:
        PAGE.write_text(page(sections))


if __name__ == "__main__":
    main(sys.argv[1:])
