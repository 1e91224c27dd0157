"""How one row becomes another: templates, transforms, checks and compiled legs, all without I/O."""
