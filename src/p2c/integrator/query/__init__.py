"""Advanced queries: SQL over the entities of an environment, whose result stands in for the rows of a leg's source.

DuckDB parses, binds and runs it, in a sandbox: it reads tables that were filled for it, and nothing else.
"""

from p2c.integrator.query.origin import columns_of_kind
from p2c.integrator.query.plan import QueryPlan, plan_query
from p2c.integrator.query.source import QueriedSource

__all__ = ["QueriedSource", "QueryPlan", "columns_of_kind", "plan_query"]
