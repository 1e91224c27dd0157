"""The entities of the Common Data Service, one module each."""
