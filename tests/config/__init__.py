"""Where contctl's configuration and data lie, and what config.toml says."""
