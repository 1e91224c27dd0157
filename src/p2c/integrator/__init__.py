"""Moves rows between environments: templates, projects, runs and the engine."""
