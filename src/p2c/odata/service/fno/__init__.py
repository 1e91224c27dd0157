"""The Finance and Operations dialect: what only Operations speaks."""
