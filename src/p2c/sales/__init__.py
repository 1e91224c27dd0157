"""Sales: accounts, contacts, products and quotes as Dynamics 365 Sales keeps them."""
