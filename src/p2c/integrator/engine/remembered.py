"""What was looked up before, so that it is not asked for again; bounded, and never the only place of an answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias

from p2c.edm.values import Value

Asked: TypeAlias = "Value | tuple[Value, ...]"
Found: TypeAlias = "dict[Asked, Value]"

REMEMBERED = 50_000


class Remembered:
    """Answers by what was asked for, the last `most` of them. Answers of None are asked for again."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[Asked, Value] = OrderedDict()

    async def find(
        self, wanted: Iterable[Asked], ask: Callable[[list[Asked]], Awaitable[Mapping[Asked, Value]]]
    ) -> Found:
        """
        The answers to all of `wanted`, from memory or from one call of `ask` for the rest.

        What is returned belongs to the caller: however much is forgotten meanwhile, the batch has its answers.
        """
        distinct: list[Asked] = [item for item in dict.fromkeys(wanted) if item is not None]
        found: Found = {item: self._known[item] for item in distinct if item in self._known}
        missing: list[Asked] = [item for item in distinct if item not in found]
        if missing:
            answers = await ask(missing)
            for item in missing:
                answer = answers.get(item)
                if answer is not None:
                    found[item] = self._known[item] = answer
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
