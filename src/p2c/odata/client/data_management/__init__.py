"""Data packages of Finance and Operations, as a client sends and fetches them."""
