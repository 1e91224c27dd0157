"""The shipped templates: one YAML file each."""
