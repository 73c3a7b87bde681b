"""contctl: named accounts, roles and an audit trail in front of containers."""

__version__ = "0.1.0"
