"""What a leg reads: an entity of its environment, or the result of a query over several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from p2c.edm.entity import Entity, Model
from p2c.errors import nearest
from p2c.integrator.engine.companies import company_field
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.mapping.template import Leg
from p2c.odata.client.environment import Environment, Source

if TYPE_CHECKING:
    from p2c.integrator.query import QueriedSource, QueryPlan


@dataclass(frozen=True, slots=True)
class Reading:
    """What one leg reads: rows of `entity` from `source`, which is the environment itself or a query in it."""

    environment: Environment
    source: Source
    entity: Entity


def reading_of(leg: Leg, environment: Environment, where: str) -> Reading:
    """
    What a leg reads from a connected environment; `where` names its task for messages.

    Raises:
        UnresolvedError: Its query does not fit the environment.
    """
    if not leg.query:
        return Reading(environment, environment, environment.model.entity_set[leg.source.entity])
    queried = queried_source(leg, environment, where)
    return Reading(environment, queried, queried.entity)


def queried_source(leg: Leg, environment: Source, where: str) -> QueriedSource:
    """
    The rows that the query of a leg gives over the entities of an environment.

    Raises:
        UnresolvedError: It does not fit the environment.
    """
    from p2c.integrator.query import QueriedSource

    return QueriedSource(environment, _plan(leg, environment.model), where)


def shape_of(leg: Leg, model: Model) -> Entity:
    """
    What the rows of a leg's source look like.

    Raises:
        UnresolvedError: Its query does not fit the environment.
    """
    return _plan(leg, model).entity if leg.query else model.entity_set[leg.source.entity]


def _plan(leg: Leg, model: Model) -> QueryPlan:
    # DuckDB takes a tenth of a second to load: only those who use it wait.
    from p2c.integrator.query import plan_query

    entity = model.entity_set.get(leg.source.entity)
    if entity is None:
        what = f"{model.name} has no entity {leg.source.entity!r}"
        raise UnresolvedError(what, nearest(leg.source.entity, model.entity_set), "DIPV1018")
    return plan_query(leg.query, entity, model, company=company_field(leg.source.environment, entity))
