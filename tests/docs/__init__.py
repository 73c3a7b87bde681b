"""The reference is made of the commands, and is not stale."""
