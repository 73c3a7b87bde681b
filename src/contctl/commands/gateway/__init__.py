"""Commands of the group gateway."""
