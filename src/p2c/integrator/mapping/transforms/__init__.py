"""The closed vocabulary of transforms: small pure functions, each declared with its arguments."""
