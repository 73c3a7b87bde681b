"""The gateway: the inbound port behind HTTP."""
