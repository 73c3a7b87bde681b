"""A container to make, as Docker's API asks for it: what is judged, and what is sent.

Source: Docker Engine API v1.51, `POST /containers/create`. What is not asked for is left out, so
that the engine's default applies, but for the values that docker's command line (28) always sends
and an inspection shows.
"""

from contctl.core.domain.actions import Update
from contctl.core.domain.containers import Json
from contctl.core.domain.create import CreateSpec, Health
from contctl.core.domain.limits import limits_request
from contctl.core.domain.mounts import storage_request
from contctl.core.domain.networking import (
    DEFAULT,
    endpoints_request,
    exposed_ports,
    networking_request,
    port_bindings,
)
from contctl.core.domain.privileges import privileges_request
from contctl.core.domain.resources import RestartPolicy, resources_request, restart_request


def create_request(spec: CreateSpec) -> Json:
    """The body of the request; name and platform are no part of it."""
    body = {**_config(spec), "HostConfig": _host_config(spec)}
    endpoints = endpoints_request(spec.networking)
    return body | ({"NetworkingConfig": {"EndpointsConfig": endpoints}} if endpoints else {})


def _config(spec: CreateSpec) -> Json:
    joined = spec.joined
    fields: Json = {
        "Image": spec.image,
        "Cmd": list(spec.command),
        "Hostname": spec.hostname,
        "Domainname": spec.domainname,
        "User": spec.user,
        "WorkingDir": spec.workdir,
        "Env": list(spec.env),
        "Labels": dict(spec.labels),
        "ExposedPorts": exposed_ports(spec.networking, spec.ports),
        "Volumes": {target: {} for target in spec.storage.volumes},
        "StopSignal": spec.stop_signal,
    }
    made = {name: value for name, value in fields.items() if value}
    if spec.entrypoint is not None:
        made["Entrypoint"] = [spec.entrypoint]
    if spec.stop_timeout is not None:
        made["StopTimeout"] = spec.stop_timeout
    if spec.health is not None:
        made["Healthcheck"] = _healthcheck(spec.health)
    return made | {
        "Tty": spec.tty,
        "OpenStdin": spec.stdin,
        "StdinOnce": spec.stdin and "stdin" in joined,
        "AttachStdin": "stdin" in joined,
        "AttachStdout": "stdout" in joined,
        "AttachStderr": "stderr" in joined,
    }


def _healthcheck(health: Health) -> Json:
    fields: Json = {
        "Test": list(health.test),
        "Interval": health.interval,
        "Timeout": health.timeout,
        "StartPeriod": health.start_period,
        "StartInterval": health.start_interval,
        "Retries": health.retries,
    }
    return {name: value for name, value in fields.items() if value}


def _host_config(spec: CreateSpec) -> Json:
    made: Json = {
        "NetworkMode": spec.network or DEFAULT,
        "PortBindings": port_bindings(spec.ports),
        "RestartPolicy": restart_request(spec.restart or RestartPolicy()),
        "AutoRemove": spec.auto_remove,
        "LogConfig": {"Type": spec.log.driver, "Config": dict(spec.log.options)},
        **resources_request(spec.resources),
        **limits_request(spec.limits),
        **storage_request(spec.storage),
        **networking_request(spec.networking),
        **privileges_request(spec.privileges),
    }
    if spec.init is not None:
        made["Init"] = spec.init
    if spec.cidfile:
        made["ContainerIDFile"] = spec.cidfile
    return made


def update_request(update: Update) -> Json:
    """The body of the engine's request to change what a container may use."""
    made = resources_request(update.resources)
    return (
        made
        if update.restart is None
        else made | {"RestartPolicy": restart_request(update.restart)}
    )
