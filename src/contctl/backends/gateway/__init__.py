"""The client of a gateway: the inbound port over the wire."""
