"""Builds the objects of a process from its settings, and starts and ends the services."""
