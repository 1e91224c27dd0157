"""Brings a user's own rows in: a CSV file becomes rows of an entity, sent through its public API."""
