"""Who may do what: applications, users and their roles, and the tokens that prove it."""
