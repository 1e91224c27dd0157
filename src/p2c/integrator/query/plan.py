"""What a query needs and gives, found out over empty tables of an environment's entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.query.sandbox import lock, open_sandbox, told
from p2c.integrator.query.statement import Statement, read_statement
from p2c.integrator.query.types import COLUMN_TYPES, result_type


@dataclass(frozen=True, slots=True)
class Read:
    """An entity that the query reads as a table, and the properties of it that it may use."""

    entity: Entity
    names: tuple[str, ...]

    @property
    def create(self) -> str:
        """The statement that makes its table."""
        columns = (f"{quoted(name)} {COLUMN_TYPES[self.entity.property[name].type]}" for name in self.names)
        return f"CREATE TABLE {quoted(self.entity.set_name)} ({', '.join(columns)})"


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A query that fits its environment.

    `entity` is the source's, with the columns of the result as its properties, in their order.
    """

    sql: str
    statement: Statement
    entity: Entity
    reads: tuple[Read, ...]


def plan_query(sql: str, source: Entity, model: Model, *, company: str = "") -> QueryPlan:
    """
    Read a query whose rows stand in for those of `source`; nothing is read from the environment.

    The result must have the primary key of the source, and its `company` field where it has one.

    Raises:
        UnresolvedError: The query cannot be read, names what is not there, or its result lacks a column.
    """
    with open_sandbox() as sandbox:
        lock(sandbox)
        statement = read_statement(sandbox, sql)
        reads = _reads(statement, model)
        if source not in [read.entity for read in reads]:
            raise UnresolvedError(
                f"the query does not read {source.set_name}, the source of its leg", f"select from {source.set_name}"
            )
        try:
            for read in reads:
                # With all fields: DuckDB names the one that was meant.
                sandbox.execute(replace(read, names=tuple(read.entity.property)).create)
            # Binds it, and tells the line of a mistake; the relation tells the types.
            sandbox.execute(f"EXPLAIN {sql}")
            result = sandbox.sql(sql)
            columns = list(zip(result.columns, result.types, strict=True))
        except duckdb.Error as error:
            raise told(error) from error
    typed = [(_spelled(name, source), result_type(name, type)) for name, type in columns]
    _check_columns([name for name, _ in typed], (*source.key, *([company] if company else [])), source)
    entity = replace(source, properties=tuple(_property(name, type, source) for name, type in typed))
    return QueryPlan(sql, statement, entity, reads)


def quoted(name: str) -> str:
    """A name in SQL, whatever it consists of."""
    return '"' + name.replace('"', '""') + '"'


def _reads(statement: Statement, model: Model) -> tuple[Read, ...]:
    sets = {entity.set_name.lower(): entity for entity in model.entities}
    found: dict[str, Read] = {}
    for table in statement.tables:
        entity = sets.get(table.lower())
        if entity is not None:
            names = tuple(
                item.name
                for item in entity.properties
                if statement.every or item.name.lower() in statement.names or item.name in entity.key
            )
            found[entity.name] = Read(entity, names)
        elif table.lower() not in statement.own:
            raise UnresolvedError(f"{model.name} has no entity set {table!r}", nearest(table, model.entity_set))
    return tuple(found.values())


def _spelled(column: str, source: Entity) -> str:
    """A column that is named as a field of the source, in capitals or not, is spelled as that."""
    return next((name for name in source.property if name.lower() == column.lower()), column)


def _check_columns(names: Sequence[str], needed: Sequence[str], source: Entity) -> None:
    twice = [name for name, count in Counter(name.lower() for name in names).items() if count > 1]
    if twice:
        raise UnresolvedError(
            f"two columns of the query are named {twice[0]!r}", f"name one of them otherwise: AS {twice[0]}_2"
        )
    for name in needed:
        if name not in names:
            raise UnresolvedError(
                f"the query has no column {name!r}, which tells rows of {source.set_name} apart", f"add {name}"
            )


def _property(name: str, type: EdmType, source: Entity) -> Property:
    """A field of the result. A lookup stays one: fields behind it can be mapped."""
    original = source.property.get(name)
    if original is not None and original.is_lookup and original.type is type:
        return original
    return Property(name=name, type=type, label=name)
