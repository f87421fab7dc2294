"""Tables on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

LEAST_COLUMNS: Final = 110
PIPED_COLUMNS: Final = 200


def table_console() -> Console:
    """A console wide enough that no figure is cut: of the terminal's width, or wide where there is none."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        return Console(width=max(console.width, PIPED_COLUMNS))
    return Console(width=max(console.width, LEAST_COLUMNS))
