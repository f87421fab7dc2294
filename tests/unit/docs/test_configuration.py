"""docs/configuration.md is what the list of settings says."""

from __future__ import annotations

from components.setting_list import SETTINGS
from scripts.configuration_doc import DOCUMENT, configuration_document


def test_the_committed_document_is_current() -> None:
    assert DOCUMENT.read_text("utf-8") == configuration_document(), (
        "run `python -m scripts.configuration_doc`"
    )


def test_every_setting_is_in_it_once() -> None:
    text = configuration_document()
    for setting in SETTINGS:
        assert text.count(f"**`{setting.key}`**") == 1


def test_it_tells_who_has_a_setting_and_what_is_meant_without_it() -> None:
    text = configuration_document()
    assert "**`role`** (hub and spoke): hub or spoke. Required." in text
    assert "**`bufferSeconds`** (hub): a whole number from 0 to 900. Default: `60`." in text
    assert "**`spokeName`** (spoke):" in text
    assert "Default: `true`." in text
    assert "Default: `text`, `image`, `embedding`, `video`." in text
    assert "**`metadataKeys`** (hub): a list of at most 10 different items" in text
    assert "**`alarmEmail`** (hub and spoke): an e-mail address. Optional." in text
