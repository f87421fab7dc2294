"""Writes docs/configuration.md from the list of settings: `python -m scripts.configuration_doc`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from components.naming import Role
from components.setting_list import SETTINGS, Setting

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"

INTRODUCTION = """# Configuration of a stack

<!-- written by `python -m scripts.configuration_doc` from components/setting_list.py -->

Each deployment is a Pulumi stack, and its file `Pulumi.<stack>.yaml` holds its settings. Set one with
`pulumi config set KEY VALUE --stack hub`, or edit the file, where each key has `bedrock-analytics:` in front.
Values are checked before anything is declared, and a key that is not listed here is refused.

Every stack also has `pulumi:disable-default-providers: ["*"]`: nothing is ever made with credentials other
than those of the stack's own account.
"""


def configuration_document() -> str:
    """The whole document."""
    groups = dict.fromkeys(setting.group for setting in SETTINGS)
    sections = [_section(group, [one for one in SETTINGS if one.group == group]) for group in groups]
    return "\n".join([INTRODUCTION, *sections])


def _section(group: str, settings: Iterable[Setting[Any]]) -> str:
    lines = [f"## {group}", ""]
    for setting in settings:
        lines += [
            f"**`{setting.key}`** ({_who(setting)}): {setting.kind.rule}. {_default(setting)}  ",
            setting.doc,
            "",
        ]
    return "\n".join(lines)


def _who(setting: Setting[Any]) -> str:
    return "hub and spoke" if len(setting.roles) == len(Role) else "".join(setting.roles)


def _default(setting: Setting[Any]) -> str:
    if setting.needed:
        return "Required."
    if setting.default is None:
        return "Optional."
    return f"Default: {written(setting.default)}."


def written(value: object) -> str:
    """A default as people write it in a stack file."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return ", ".join(f"`{item}`" for item in value) or "none"
        case Mapping():
            return "none"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    DOCUMENT.write_text(configuration_document(), "utf-8")
