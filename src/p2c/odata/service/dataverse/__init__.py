"""The Dataverse dialect: what only Sales and the Common Data Service speak."""
