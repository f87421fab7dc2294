"""Takes values out of a stack's configuration, one setting at a time."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

from bedrock_analytics.domain.errors import ConfigurationError
from components.naming import Role
from components.setting_list import SETTINGS, Setting
from components.setting_values import refusal

T = TypeVar("T")


class SettingReader:
    """Takes values out of a configuration by their settings."""

    def __init__(self, config: Mapping[str, object]) -> None:
        self._config = config

    def optional(self, setting: Setting[T]) -> T | None:
        """The value, the default where it is not set, or None."""
        value = self._config.get(setting.key)
        if value is None:
            return setting.default
        read = setting.kind.read(value)
        if read is None:
            shown = "(hidden)" if setting.hidden else value
            raise refusal(setting.key, shown, f"it must be {setting.kind.rule}")
        return read

    def needed(self, setting: Setting[T]) -> T:
        """The value; ConfigurationError where it is not set."""
        value = self.optional(setting)
        if value is None:
            raise ConfigurationError(
                f"{setting.key} is not set: it must be {setting.kind.rule};"
                f" set it with `pulumi config set {setting.key} VALUE`"
            )
        return value

    def refuse_others(self, role: Role) -> None:
        """ConfigurationError for a key that means nothing in this role."""
        known = {setting.key: setting for setting in SETTINGS}
        for key, value in self._config.items():
            setting = known.get(key)
            if setting is None:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise refusal(key, value, f"there is no such setting; {hint}docs/configuration.md lists them")
            if role not in setting.roles:
                (other,) = setting.roles
                raise refusal(key, value, f"only a {other} has this setting; remove it from this {role}")
