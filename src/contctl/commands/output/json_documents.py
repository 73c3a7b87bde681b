"""contctl's own JSON schema, which only ever gains fields. Times are RFC 3339 in UTC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contctl.commands.output.times import rfc3339
from contctl.core.domain.containers import Container, public_labels

if TYPE_CHECKING:
    from contctl.commands.output.terminal import Terminal
    from contctl.core.answers import Check, Login, SessionStatus, TokenStatus
    from contctl.core.domain.accounts import Account, User
    from contctl.core.domain.actions import Outcome
    from contctl.core.domain.audit import AuditRecord, ChainedRecord
    from contctl.core.domain.audit_chain import Segment
    from contctl.core.domain.audit_check import Verification
    from contctl.core.domain.ci_tokens import CiToken
    from contctl.core.domain.containers import Port
    from contctl.core.domain.contexts import ListedContext
    from contctl.core.domain.images import Image
    from contctl.core.domain.streams import Exited
    from contctl.core.errors import ContctlError

Document = dict[str, Any]


def print_json(terminal: Terminal, document: Document) -> None:
    """Print one document, indented; ASCII, so that it is safe anywhere."""
    terminal.write(json.dumps(document, indent=2))


def session_document(status: SessionStatus) -> Document:
    """The caller's session."""
    return {
        "user": status.user.name,
        "user_id": status.user.id,
        "roles": [str(role) for role in status.roles],
        "session_id": status.session_id,
        "authority": status.issuer,
        "credential_store": status.store,
        "access_expires_at": rfc3339(status.access_expires_at),
        "refresh_expires_at": rfc3339(status.refresh_expires_at),
        "session_ends_at": rfc3339(status.ends_at),
        "ci_token": None,
    }


def token_status_document(status: TokenStatus) -> Document:
    """The caller's CI token, in the shape of a session."""
    return {
        "user": status.owner.name,
        "user_id": status.owner.id,
        "roles": [str(role) for role in status.roles],
        "session_id": None,
        "authority": status.issuer,
        "credential_store": None,
        "access_expires_at": None,
        "refresh_expires_at": None,
        "session_ends_at": None,
        "ci_token": token_document(status.token, status.owner),
    }


def token_document(token: CiToken, owner: User) -> Document:
    """A CI token, without its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "user": owner.name,
        "user_id": owner.id,
        "role": str(token.role),
        "names": list(token.scope.names),
        "labels": dict(token.scope.labels),
        "engine": token.scope.engine,
        "created_at": rfc3339(token.created_at),
        "expires_at": rfc3339(token.expires_at),
    }


def login_document(login: Login) -> Document:
    """A live session."""
    return {
        "id": login.session_id,
        "user": login.user.name,
        "user_id": login.user.id,
        "created_at": rfc3339(login.created_at),
        "renewed_at": rfc3339(login.renewed_at),
        "ends_at": rfc3339(login.ends_at),
        "current": login.current,
    }


def account_document(account: Account) -> Document:
    """An account and its grants."""
    return {
        "name": account.user.name,
        "id": account.user.id,
        "enabled": account.user.enabled,
        "created_at": rfc3339(account.user.created_at),
        "grants": [
            {
                "id": grant.id,
                "role": str(grant.role),
                "created_at": rfc3339(grant.created_at),
                "names": list(grant.scope.names),
                "labels": dict(grant.scope.labels),
                "engine": grant.scope.engine,
            }
            for grant in account.grants
        ],
    }


def audit_document(record: AuditRecord) -> Document:
    """An audit record."""
    entry = record.entry
    return {
        "number": record.number,
        "at": rfc3339(entry.at / 1000),
        "phase": str(entry.phase),
        "action": entry.action,
        "user": entry.user,
        "user_id": entry.user_id,
        "session_id": entry.session_id,
        "uid": entry.uid,
        "target": entry.target,
        "target_name": entry.target_name,
        "intent": entry.intent,
        "result": record.result,
        "detail": entry.detail,
        "token_id": entry.token_id,
    }


def chained_document(chained: ChainedRecord) -> Document:
    """An audit record as it is exported: all that its MAC covers, and the MAC."""
    return {
        **audit_document(chained.record),
        "at_ms": chained.record.entry.at,
        "segment": chained.segment,
        "mac": chained.mac.hex() if chained.mac else None,
    }


def verification_document(verification: Verification) -> Document:
    """What came of a check of the audit log."""
    return {
        "in_order": verification.problem is None,
        "records": verification.records,
        "segments": verification.segments,
        "older": verification.older,
        "first_bad_record": verification.record,
        "problem": verification.problem,
    }


def segment_document(segment: Segment) -> Document:
    """A sealed segment of the audit log."""
    return {
        "segment": segment.number,
        "first": segment.first,
        "last": segment.last,
        "head": segment.head.hex() if segment.head else None,
        "sealed_at": rfc3339(segment.sealed_at or 0),
    }


def image_document(image: Image) -> Document:
    """An image as a list shows it."""
    return {
        "id": image.id,
        "tags": list(image.tags),
        "digests": list(image.digests),
        "created_at": rfc3339(image.created),
        "size": image.size,
        "shared_size": image.shared_size,
        "containers": image.containers,
        "labels": dict(image.labels),
    }


def container_document(container: Container) -> Document:
    """A container as a list shows it."""
    return {
        "id": container.id,
        "name": container.name,
        "names": list(container.names),
        "image": container.image,
        "image_id": container.image_id,
        "command": container.command,
        "created_at": rfc3339(container.created),
        "state": container.state,
        "status": container.status,
        "ports": [port_document(port) for port in container.ports],
        "labels": public_labels(container.labels),
        "mounts": list(container.mounts),
        "networks": list(container.networks),
        "size": container.size,
        "virtual_size": container.virtual_size,
        "workload": container.workload,
    }


def port_document(port: Port) -> Document:
    """A port of a container."""
    return {
        "container_port": port.container_port,
        "protocol": port.protocol,
        "host_ip": port.host_ip,
        "host_port": port.host_port,
    }


def exited_document(end: Exited) -> Document:
    """How a wait for one container ended."""
    return {
        "ref": end.ref,
        "id": end.container_id,
        "code": end.code,
        "error": error_document(end.error) if end.error else None,
    }


def outcome_document(outcome: Outcome) -> Document:
    """How the attempt on one target ended."""
    return {
        "ref": outcome.ref,
        "id": outcome.container_id,
        "done": outcome.error is None,
        "warnings": list(outcome.warnings),
        "error": error_document(outcome.error) if outcome.error else None,
    }


def error_document(error: ContctlError) -> Document:
    """An error as part of an answer."""
    return {"code": str(error.code), "message": error.message, "hint": error.hint}


def check_document(check: Check) -> Document:
    """One line of a diagnosis."""
    return {
        "name": check.name,
        "level": str(check.level),
        "detail": check.detail,
        "hint": check.hint,
    }


def context_document(context: ListedContext) -> Document:
    """A context, and why it is the current one."""
    engine = context.engine
    return {
        "name": context.name,
        "kind": str(context.kind),
        "address": context.address,
        "ca": context.ca,
        "current": context.reason is not None,
        "reason": context.reason,
        "own": context.own,
        "problem": context.problem,
        "tls": engine.tls if engine else None,
        "kube_context": engine.kube_context if engine else None,
        "namespace": engine.namespace if engine else None,
        "gateway_engine": context.gateway_engine,
    }
