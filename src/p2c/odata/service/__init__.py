"""Serves entities over OData: one core, two dialects."""
