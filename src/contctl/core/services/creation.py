"""Who may make which container."""

from contctl.core.domain.create import CreateSpec
from contctl.core.domain.field_rules import Host
from contctl.core.domain.grants import Subject, foreign_label
from contctl.core.domain.risk import dangers_of_spec
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine, IdentityLookup
from contctl.core.services.danger import refusal_of_dangers
from contctl.core.services.reach import Reach
from contctl.core.services.record import Caller


def refusal_of_create(
    caller: Caller, spec: CreateSpec, engine: Engine, identities: IdentityLookup, host: Host
) -> ContctlError | None:
    """None if `caller` may make a container of `spec`, else FORBIDDEN.

    NOT_FOUND with the reason `no-image` where labels of the image matter and it is not there.
    """
    used = identities.scope_label_keys()
    unrestricted = any(grant.scope.is_everything for grant in caller.grants)
    labels = dict(spec.labels)
    if used or not unrestricted:
        labels = {**engine.image_labels(spec.image), **labels}
    subject = Subject(spec.name or "", labels, engine.name)
    reach = Reach(caller, engine)
    refusal = reach.refusal(Permission.CREATE, subject) or refusal_of_dangers(
        reach, subject, dangers_of_spec(spec, host)
    )
    if refusal is not None:
        return refusal
    foreign = foreign_label(caller.grants, Permission.CREATE, labels, used)
    if foreign is None:
        return None
    return ContctlError(
        ErrorCode.FORBIDDEN,
        f"you are not allowed to do this: {caller.title} may not set the label {foreign}",
        hint="grants speak of this label, and only who holds one of them may set it",
    )
