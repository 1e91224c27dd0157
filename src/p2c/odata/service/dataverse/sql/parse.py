"""Reads one SELECT of the kind that Dataverse takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from p2c.odata.query.errors import QueryError, TooManyConditions
from p2c.odata.query.filter import MAX_CONDITIONS
from p2c.odata.service.dataverse.sql.tokens import Kind, Token, tokens
from p2c.odata.service.dataverse.sql.tree import Item, Join, Junction, Name, Ordering, Predicate, Statement

MAX_NESTING = 30
MAX_ROWS = 5000
FUNCTIONS = ("COUNT", "SUM", "AVG", "MIN", "MAX")
_SIGNS = {"=": "eq", "<>": "ne", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_WORDS = (
    "SELECT DISTINCT TOP FROM AS INNER LEFT OUTER JOIN ON WHERE AND OR NOT IN LIKE IS NULL BETWEEN GROUP ORDER BY ASC"
    " DESC OFFSET FETCH NEXT FIRST ROW ROWS ONLY HAVING UNION RIGHT FULL CROSS EXISTS CASE"
)
_RESERVED = frozenset(_WORDS.split())
_NOT_OFFERED = {
    "HAVING": "filter rows with WHERE before they are grouped",
    "UNION": "send a query for each",
    "RIGHT": "start from the other table and write LEFT JOIN",
    "FULL": "write LEFT JOIN",
    "CROSS": "write JOIN … ON",
    "EXISTS": "send two queries",
    "CASE": "work the value out from the answer",
}
_T = TypeVar("_T")


def parse_statement(text: str) -> Statement:
    """
    Read a statement.

    Raises:
        TooManyConditions: It has more than 500 conditions.
        QueryError: It is no SELECT, or has what Dataverse does not take.
    """
    return _Parser(text).statement()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._conditions = 0

    def statement(self) -> Statement:
        self._need("SELECT")
        distinct = self._accept("DISTINCT")
        top = self._number("the most rows") if self._accept("TOP") else None
        items = self._listed(self._item)
        self._need("FROM")
        table, alias = self._table()
        joins = tuple(self._joins())
        where = self._either(1) if self._accept("WHERE") else None
        groups = self._listed(self._name) if self._accept_two("GROUP", "BY") else ()
        orders = self._listed(self._ordering) if self._accept_two("ORDER", "BY") else ()
        skip, limit = self._window() if orders else (0, None)
        self._sign(";")
        if self._peek.kind is not Kind.END:
            hint = _NOT_OFFERED.get(self._peek.word, "send one SELECT with JOIN, WHERE, GROUP BY and ORDER BY")
            raise self._failure("the end", hint)
        if top is not None and limit is not None:
            raise QueryError(self._text, 0, "found TOP and FETCH, expected one of them")
        return Statement(
            items, table, alias, distinct, joins, where, groups, orders, limit if top is None else top, skip
        )

    def _item(self) -> Item:
        token = self._peek
        if token.kind is Kind.SIGN and token.text == "*":
            raise self._failure("names of columns", "SELECT * is not supported; name the columns")
        if token.word in FUNCTIONS and self._tokens[self._at + 1].text == "(":
            self._take()
            self._take()
            distinct = self._accept("DISTINCT")
            name = None if token.word == "COUNT" and not distinct and self._sign("*") else self._name()
            self._need_sign(")")
            return Item(name, token.word, distinct, self._alias())
        return Item(self._name(), alias=self._alias())

    def _table(self) -> tuple[str, str]:
        table = self._identifier("a table")
        return table, self._alias() or table

    def _joins(self) -> list[Join]:
        found: list[Join] = []
        while True:
            outer = self._accept("LEFT")
            inner = not outer and self._accept("INNER")
            if outer:
                self._accept("OUTER")
            if not self._accept("JOIN"):
                if outer or inner:
                    raise self._failure("JOIN")
                return found
            table, alias = self._table()
            self._need("ON")
            nested = self._sign("(")
            left = self._name()
            self._need_sign("=")
            right = self._name()
            if nested:
                self._need_sign(")")
            found.append(Join(table, alias, not outer, left, right))

    def _either(self, level: int) -> Predicate | Junction:
        return self._combined("OR", lambda: self._combined("AND", lambda: self._test(level)))

    def _combined(self, word: str, read: Callable[[], Predicate | Junction]) -> Predicate | Junction:
        parts = [read()]
        while self._accept(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Junction(word == "AND", tuple(parts))

    def _test(self, level: int) -> Predicate | Junction:
        if self._sign("("):
            if level > MAX_NESTING:
                raise self._failure(f"at most {MAX_NESTING} levels of parentheses")
            found = self._either(level + 1)
            self._need_sign(")")
            return found
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise TooManyConditions(self._text, self._peek.position, f"more than {MAX_CONDITIONS} conditions")
        name = self._name()
        if self._accept("IS"):
            operator = "not-null" if self._accept("NOT") else "null"
            self._need("NULL")
            return Predicate(name, operator)
        negated = self._accept("NOT")
        if self._accept("LIKE"):
            return Predicate(name, "not-like" if negated else "like", (self._value(),))
        if self._accept("IN"):
            self._need_sign("(")
            values = self._listed(self._value)
            self._need_sign(")")
            return Predicate(name, "not-in" if negated else "in", values)
        if self._accept("BETWEEN"):
            return self._between(name, negated)
        operator = "" if negated else _SIGNS.get(self._peek.text, "")
        if self._peek.kind is not Kind.SIGN or not operator:
            hint = _NOT_OFFERED.get(self._peek.word, "conditions compare a column with a value")
            raise self._failure("a comparison such as =, LIKE, IN, BETWEEN or IS NULL", hint)
        self._take()
        return Predicate(name, operator, (self._value(),))

    def _between(self, name: Name, negated: bool) -> Junction:
        low = self._value()
        self._need("AND")
        high = self._value()
        if negated:
            return Junction(False, (Predicate(name, "lt", (low,)), Predicate(name, "gt", (high,))))
        return Junction(True, (Predicate(name, "ge", (low,)), Predicate(name, "le", (high,))))

    def _ordering(self) -> Ordering:
        name = self._name()
        descending = self._accept("DESC")
        if not descending:
            self._accept("ASC")
        return Ordering(name, descending)

    def _window(self) -> tuple[int, int | None]:
        """The rows to leave out and the most to tell: `OFFSET 20 ROWS FETCH NEXT 10 ROWS ONLY`."""
        if not self._accept("OFFSET"):
            return 0, None
        skip = self._number("how many rows to leave out", 10**9)
        self._need("ROWS", "ROW")
        if not self._accept("FETCH"):
            return skip, None
        self._need("NEXT", "FIRST")
        limit = self._number("the most rows")
        self._need("ROWS", "ROW")
        self._need("ONLY")
        return skip, limit

    def _value(self) -> str:
        token = self._peek
        if token.kind not in (Kind.TEXT, Kind.NUMBER):
            hint = "write IS NULL" if token.word == "NULL" else "conditions compare a column with a value"
            raise self._failure("a text in apostrophes or a number", hint)
        return self._take().text

    def _name(self) -> Name:
        first = self._identifier("a column")
        if not self._sign("."):
            return Name(first)
        return Name(self._identifier("a column"), first)

    def _alias(self) -> str:
        if self._accept("AS"):
            return self._identifier("an alias")
        token = self._peek
        plain = token.kind is Kind.QUOTED or (token.kind is Kind.NAME and token.word not in _RESERVED)
        return self._take().text if plain else ""

    def _identifier(self, expected: str) -> str:
        token = self._peek
        if token.kind is not Kind.QUOTED and (token.kind is not Kind.NAME or token.word in _RESERVED):
            raise self._failure(expected, _NOT_OFFERED.get(token.word, ""))
        return self._take().text

    def _number(self, expected: str, most: int = MAX_ROWS) -> int:
        nested = self._sign("(")
        token = self._peek
        if token.kind is not Kind.NUMBER or not token.text.isdecimal() or len(token.text) > 10:
            raise self._failure(f"{expected}, a whole number")
        number = int(self._take().text)
        if number > most:
            raise QueryError(self._text, token.position, f"found {number:,}, expected at most {most:,}")
        if nested:
            self._need_sign(")")
        return number

    def _listed(self, read: Callable[[], _T]) -> tuple[_T, ...]:
        found = [read()]
        while self._sign(","):
            found.append(read())
        return tuple(found)

    @property
    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._peek
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def _accept(self, word: str) -> bool:
        if self._peek.word != word:
            return False
        self._take()
        return True

    def _accept_two(self, first: str, second: str) -> bool:
        if not self._accept(first):
            return False
        self._need(second)
        return True

    def _need(self, *words: str) -> None:
        if not any(self._accept(word) for word in words):
            raise self._failure(words[0])

    def _sign(self, sign: str) -> bool:
        if self._peek.kind is not Kind.SIGN or self._peek.text != sign:
            return False
        self._take()
        return True

    def _need_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._failure(f"'{sign}'")

    def _failure(self, expected: str, hint: str = "") -> QueryError:
        found = self._peek
        what = f"'{found.text[:40]}'" if found.text else "the end"
        return QueryError(self._text, found.position, f"found {what}, expected {expected}", hint)
