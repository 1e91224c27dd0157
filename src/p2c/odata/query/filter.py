"""Reads `$filter` into a tree, with the operator precedence of OData 4 (URL conventions, 5.1.1.14).

Binary operators are resolved with a stack inside one call; only parentheses, function arguments and lambda
bodies recurse, and those are counted, so that no text can exhaust the interpreter's stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from p2c.errors import nearest
from p2c.odata.query.ast import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    CompareOp,
    Comparison,
    Expression,
    InList,
    Lambda,
    LambdaKind,
    Literal,
    Member,
    Not,
    Or,
    QueryFunction,
    Value,
)
from p2c.odata.query.errors import QueryError, TooManyConditions
from p2c.odata.query.functions import ARGUMENTS, CONDITIONS, QUERY_FUNCTION_NAMESPACE
from p2c.odata.query.lexer import Token, TokenKind, TokenStream
from p2c.odata.query.literals import accept_literal, plain_text

MAX_DEPTH = 100
"""Levels of nesting, of the text and of the tree."""
MAX_CONDITIONS = 500
"""Conditions that Dataverse takes in one filter."""

STRENGTH: Mapping[str, int] = MappingProxyType(
    {"or": 1, "and": 2}
    | dict.fromkeys(("eq", "ne"), 3)
    | dict.fromkeys(("gt", "ge", "lt", "le"), 4)
    | dict.fromkeys(("add", "sub"), 5)
    | dict.fromkeys(("mul", "div", "divby", "mod"), 6)
    | {"not": 7}
)
"""How strongly an operator binds; the strongest first takes its operands."""

_OPERATORS = STRENGTH.keys() - {"not"} | {"in"}
_LEGACY = frozenset({"guid", "datetime", "datetimeoffset", "binary", "duration", "time"})
_PROPERTY_NAME = "PropertyName"
_PROPERTY_VALUES = ("PropertyValue", "PropertyValue1", "PropertyValue2", "PropertyValues")
_NEEDS_OPERATOR = "an operator such as eq, and, or"


class _Node(NamedTuple):
    """A tree and its number of levels."""

    expression: Expression
    height: int


def parse_filter(
    text: str, *, max_conditions: int = MAX_CONDITIONS, aliases: Mapping[str, str] | None = None
) -> Expression:
    """Read a percent-decoded `$filter`.

    Args:
        text: The filter, at most 65,536 characters.
        max_conditions: Most comparisons, condition functions and boolean operands.
        aliases: Values of parameter aliases by name, `@` included; each one value, property or list.

    Raises:
        TooManyConditions: The filter has more than `max_conditions`.
        QueryError: Anything else that makes it unreadable.
    """
    stream = TokenStream(text, aliases)
    expression = FilterParser(stream, max_conditions).parse()
    stream.expect_end(f"{_NEEDS_OPERATOR} or the end of the filter")
    return expression


class FilterParser:
    """Reads one expression from a stream and leaves the stream behind it."""

    def __init__(self, stream: TokenStream, max_conditions: int = MAX_CONDITIONS) -> None:
        self._stream = stream
        self._max_conditions = max_conditions
        self._conditions = 0
        self._depth = 0

    def parse(self) -> Expression:
        """The expression at hand, up to the first token that does not belong to it."""
        return self._expression().expression

    def _expression(self) -> _Node:
        operands: list[_Node] = []
        pending: list[str] = []
        while True:
            while self._stream.accept_word("not"):
                pending.append("not")
            operands.append(self._operand())
            operator = self._operator()
            while pending and _goes_first(pending[-1], operator):
                self._reduce(operands, pending)
            if operator is None:
                return operands.pop()
            pending.append(operator)

    def _operator(self) -> str | None:
        token = self._stream.peek
        if token.kind is not TokenKind.NAME:
            return None
        if token.text not in STRENGTH or token.text == "not":
            raise self._stream.failure(_NEEDS_OPERATOR, nearest(token.text, _OPERATORS))
        return self._stream.take().text

    def _reduce(self, operands: list[_Node], pending: list[str]) -> None:
        """Replace the operands of the last pending operator by their combination."""
        operator = pending.pop()
        if operator == "not":
            operand = operands.pop()
            operands.append(self._node(Not(operand.expression), operand))
            return
        count = 2
        while STRENGTH[operator] <= STRENGTH["and"] and pending and pending[-1] == operator:
            pending.pop()
            count += 1
        parts = operands[-count:]
        del operands[-count:]
        operands.append(self._node(self._combined(operator, [part.expression for part in parts]), *parts))

    def _combined(self, operator: str, operands: list[Expression]) -> Expression:
        if operator in ("and", "or"):
            for operand in operands:
                if isinstance(operand, Literal | Member):
                    self._count_condition()
            return And(tuple(operands)) if operator == "and" else Or(tuple(operands))
        left, right = operands
        if STRENGTH[operator] > STRENGTH["gt"]:
            return Arithmetic(ArithmeticOp(operator), left, right)
        if isinstance(left, Not) and isinstance(right, Literal) and not isinstance(right.value, bool | None):
            hint = f"'not' takes one operand: write not (… {operator} …)"
            raise self._stream.failure(f"true or false after 'not … {operator}'", hint)
        self._count_condition()
        return Comparison(CompareOp(operator), left, right)

    def _operand(self) -> _Node:
        literal = accept_literal(self._stream)
        if literal is not None:
            return _Node(literal, 1)
        if self._stream.accept("("):
            inner = self._nested()
            self._stream.expect(")")
            return inner
        token = self._stream.peek
        if token.kind is TokenKind.ALIAS:
            raise self._stream.failure("a parameter alias with a value", f"add &{token.text}=… to the query")
        if token.kind is not TokenKind.NAME or token.text in STRENGTH:
            raise self._stream.failure("a property, a value, a function or '('")
        return self._named()

    def _named(self) -> _Node:
        """What starts with a name: a property, a function, a query function or a lambda."""
        first = self._stream.take()
        path = [first.text]
        while self._stream.accept("/"):
            path.append(self._stream.expect_kind(TokenKind.NAME, "a property after '/'").text)
        if self._stream.accept("("):
            return self._called(first, tuple(path))
        if first.text in _LEGACY and self._stream.peek.kind is TokenKind.TEXT:
            hint = f"OData 4 has no {first.text}'…': write guids and date-times bare"
            raise self._stream.failure(_NEEDS_OPERATOR, hint)
        member = Member(tuple(path))
        return self._in_list(member) if self._stream.accept_word("in") else _Node(member, 1)

    def _called(self, first: Token, path: tuple[str, ...]) -> _Node:
        *prefix, name = path
        if "." in name:
            return self._query_function(first, tuple(prefix), name)
        if prefix and name in ("any", "all"):
            return self._lambda(tuple(prefix), LambdaKind(name))
        if prefix:
            raise self._stream.failure("'any' or 'all' before '('", token=first)
        return self._call(first)

    def _call(self, name: Token) -> _Node:
        if name.text not in ARGUMENTS:
            raise self._stream.failure("a function", nearest(name.text, ARGUMENTS), token=name)
        least, most = ARGUMENTS[name.text]
        args = [self._nested()]
        while self._stream.accept(","):
            args.append(self._nested())
            if len(args) > most:
                raise self._stream.failure(f"at most {most} argument(s) of {name.text}", token=name)
        self._stream.expect(")")
        if len(args) < least:
            raise self._stream.failure(f"at least {least} arguments of {name.text}", token=name)
        if name.text in CONDITIONS:
            self._count_condition()
        return self._node(Call(name.text, tuple(arg.expression for arg in args)), *args)

    def _lambda(self, collection: tuple[str, ...], kind: LambdaKind) -> _Node:
        self._count_condition()
        if kind is LambdaKind.ANY and self._stream.accept(")"):
            return _Node(Lambda(collection, kind, "", None), 1)
        variable = self._stream.expect_kind(TokenKind.NAME, f"a variable, as in {kind}(x:x/name eq 'A')").text
        self._stream.expect(":")
        body = self._nested()
        self._stream.expect(")")
        return self._node(Lambda(collection, kind, variable, body.expression), body)

    def _in_list(self, member: Member) -> _Node:
        self._stream.expect("(")
        values: list[Value] = []
        while not values or self._stream.accept(","):
            literal = accept_literal(self._stream)
            if not isinstance(literal, Literal):
                raise self._stream.failure("a value of the list")
            values.append(literal.value)
        self._stream.expect(")")
        self._count_condition()
        return _Node(InList(member, tuple(values)), 1)

    def _query_function(self, first: Token, prefix: tuple[str, ...], name: str) -> _Node:
        if not name.startswith(QUERY_FUNCTION_NAMESPACE):
            hint = f"query functions are in {QUERY_FUNCTION_NAMESPACE[:-1]}"
            raise self._stream.failure("a query function", hint, token=first)
        arguments: dict[str, tuple[str, ...]] = {}
        while not arguments or self._stream.accept(","):
            key = self._stream.expect_kind(TokenKind.NAME, _PROPERTY_NAME)
            if key.text != _PROPERTY_NAME and key.text not in _PROPERTY_VALUES:
                hint = nearest(key.text, (_PROPERTY_NAME, *_PROPERTY_VALUES))
                raise self._stream.failure("an argument of a query function", hint, token=key)
            if key.text in arguments:
                raise self._stream.failure(f"{key.text} once", token=key)
            self._stream.expect("=")
            arguments[key.text] = self._texts()
        self._stream.expect(")")
        if len(arguments.get(_PROPERTY_NAME, ())) != 1:
            raise self._stream.failure(f"{_PROPERTY_NAME}='…' among its arguments", token=first)
        self._count_condition()
        (target,) = arguments[_PROPERTY_NAME]
        values = tuple(text for key in _PROPERTY_VALUES for text in arguments.get(key, ()))
        member = Member((*prefix, *target.split("/")))
        return _Node(QueryFunction(name.removeprefix(QUERY_FUNCTION_NAMESPACE), member, values), 1)

    def _texts(self) -> tuple[str, ...]:
        """One value, or the values of a JSON array."""
        if not self._stream.accept("["):
            return (plain_text(self._stream),)
        texts: list[str] = []
        while not self._stream.accept("]"):
            if texts:
                self._stream.expect(",")
            texts.append(plain_text(self._stream))
        return tuple(texts)

    def _nested(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep()
        node = self._expression()
        self._depth -= 1
        return node

    def _node(self, expression: Expression, *children: _Node) -> _Node:
        height = 1 + max(child.height for child in children)
        if height > MAX_DEPTH:
            raise self._too_deep()
        return _Node(expression, height)

    def _too_deep(self) -> QueryError:
        return self._stream.failure(f"at most {MAX_DEPTH} levels of nesting")

    def _count_condition(self) -> None:
        self._conditions += 1
        if self._conditions > self._max_conditions:
            raise TooManyConditions(
                self._stream.text,
                self._stream.peek.position,
                f"more than {self._max_conditions} conditions",
                "read in several requests, or name the values in one Microsoft.Dynamics.CRM.In",
            )


def _goes_first(pending: str, following: str | None) -> bool:
    """Whether a pending operator takes its operands before the one that follows it.

    Equal operators are taken from the left; a run of `and` or of `or` is kept, to become one node.
    """
    if following is None:
        return True
    if STRENGTH[pending] == STRENGTH[following]:
        return STRENGTH[pending] > STRENGTH["and"]
    return STRENGTH[pending] > STRENGTH[following]
