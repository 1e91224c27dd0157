"""Speaks OData to environments: reads pages and changes, writes in bulk, learns entities from their metadata."""
