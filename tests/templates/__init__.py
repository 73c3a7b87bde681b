"""The templates of `--format`."""
