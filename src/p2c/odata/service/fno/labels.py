"""Labels of Finance and Operations: texts for people, known by an id, told in a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from p2c.edm.entity import Model

LABEL_FILE = "@P2C"
DEFAULT_LANGUAGE = "en-US"
Translate: TypeAlias = "Callable[[str, str], str]"
_WORD = re.compile(r"[^\W_]+")


class Labels:
    """
    The labels of a model. Ids are made of the label's own words and stay as long as the label does.

    `translate` gives a text in a language (`cs`); without it every language reads the English one.
    """

    def __init__(self, model: Model, translate: Translate | None = None) -> None:
        self._translate = translate or (lambda text, language: text)
        self._ids: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        for text in sorted(set(_texts(model))):
            self._add(text)

    def id(self, text: str) -> str:
        """The id of a label; "" for an empty one."""
        return self._ids.get(text, "")

    def find(self, label: str, language: str) -> Mapping[str, object] | None:
        """One label in one language; None when there is no such id."""
        text = self._texts.get(label.lower())
        if text is None:
            return None
        return {"Id": self._ids[text], "Language": language, "Value": self._translate(text, language[:2].lower())}

    def all(self, language: str = DEFAULT_LANGUAGE) -> list[Mapping[str, object]]:
        """Every label in one language."""
        found = (self.find(label, language) for label in self._texts)
        return [item for item in found if item is not None]

    def _add(self, text: str) -> None:
        stem = "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text)) or "Label"
        label, number = f"{LABEL_FILE}:{stem}", 1
        while label.lower() in self._texts:
            number += 1
            label = f"{LABEL_FILE}:{stem}{number}"
        self._ids[text] = label
        self._texts[label.lower()] = text


def _texts(model: Model) -> Iterable[str]:
    for entity in model.entities:
        yield entity.label
        for item in entity.properties:
            yield item.label
            if item.choices is not None:
                yield item.choices.name
                yield from (member.label for member in item.choices.members)
