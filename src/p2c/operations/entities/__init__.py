"""What Operations publishes: data entities, several over one table, named as the real service names them."""
