"""Contexts as rows of a list and as data for templates."""

from typing import Any

from contctl.core.domain.contexts import ListedContext

HEADINGS = {
    "Current": "CURRENT",
    "Name": "NAME",
    "Kind": "KIND",
    "Address": "ADDRESS",
    "Reason": "WHY",
}


def row(context: ListedContext) -> dict[str, Any]:
    """The fields that a template can show."""
    return {
        "Current": "*" if context.reason is not None else "",
        "Name": context.name,
        "Kind": str(context.kind),
        "Address": _address(context),
        "Reason": context.reason or "",
    }


def _address(context: ListedContext) -> str:
    address = context.address or f"({context.problem})"
    return f"{address}, engine {context.gateway_engine}" if context.gateway_engine else address
