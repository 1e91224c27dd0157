"""What an entity is: properties, types, keys, choices, relations, labels and row types. Pure."""
