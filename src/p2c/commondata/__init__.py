"""Common Data Service: the hub that Sales and Operations meet in, with its entities of 2017."""
