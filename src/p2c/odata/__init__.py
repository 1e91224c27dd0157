"""Speaks OData 4: reads and writes queries, serves entity sets and calls other services."""
