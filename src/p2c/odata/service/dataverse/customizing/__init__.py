"""Takes changes of tables, columns, keys and relationships, and brings them into the running service."""
