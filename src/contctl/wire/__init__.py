"""How values, errors and streams look on the wire: one definition for both ends."""
