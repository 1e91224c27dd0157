"""Keeps rows: PostgreSQL embedded or yours, tables from entity definitions, bulk writes, change feed."""
