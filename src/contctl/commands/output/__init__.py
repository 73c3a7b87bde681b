"""How answers look: text, tables, JSON, templates."""
