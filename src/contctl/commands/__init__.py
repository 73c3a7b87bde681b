"""The terminal presentation: parse, call one method of the inbound port, print."""
