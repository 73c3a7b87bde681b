"""The store in SQLite.

An everyday command needs `connection`, `everyday` and `store` only, which import nothing but the
standard library; the schema (`tables`), its migrations and the management queries are SQLModel's
and Alembic's, and are imported by the modules that need them.
"""
