"""Who may make which container."""

from contctl.core.domain.create import CreateSpec, check_image_labels
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

    NOT_FOUND with the reason `no-image` where the image is not there; USAGE for one whose labels,
    which become the container's, are not to be had.
    """
    given = engine.image_labels(spec.image)
    check_image_labels(spec.image, given)
    used = identities.scope_label_keys()
    labels = {**given, **spec.labels}
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
