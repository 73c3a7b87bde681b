"""The options about resources, restarts, health and logs as docker reads them.

Sources: docker/cli 28, cli/command/container/opts.go, update.go and opts/parse.go.
"""

from contctl.commands.container.devices import (
    bytes_rate,
    operations_rate,
    ulimit_of,
    weight_of,
)
from contctl.commands.container.given import Given, pairs, usage
from contctl.commands.container.quantities import (
    nano_cpus,
    nanoseconds,
    natural16,
    size_of,
    swap_of,
    whole,
)
from contctl.core.domain.create import Health, LogConfig
from contctl.core.domain.limits import Limits
from contctl.core.domain.resources import Resources, RestartPolicy


def resources_of(given: Given) -> Resources:
    """What `update` can change too; ContctlError USAGE for what is wrong."""
    return Resources(
        cpu_shares=given.one("cpu_shares", whole, 0),
        cpu_period=given.one("cpu_period", whole, 0),
        cpu_quota=given.one("cpu_quota", whole, 0),
        cpu_realtime_period=given.one("cpu_rt_period", whole, 0),
        cpu_realtime_runtime=given.one("cpu_rt_runtime", whole, 0),
        nano_cpus=given.one("cpus", nano_cpus, 0),
        cpuset_cpus=given.word("cpuset_cpus"),
        cpuset_mems=given.word("cpuset_mems"),
        memory=given.one("memory", size_of, 0),
        memory_reservation=given.one("memory_reservation", size_of, 0),
        memory_swap=given.one("memory_swap", swap_of, 0),
        pids_limit=given.one("pids_limit", whole, 0) or None,
        blkio_weight=given.one("blkio_weight", natural16, 0),
    )


def limits_of(given: Given) -> Limits:
    """What only a create sets."""
    swappiness = given.one("memory_swappiness", whole, -1)
    if not -1 <= swappiness <= 100:
        raise usage(f"invalid value: {swappiness}. Valid memory swappiness range is 0-100")
    storage = given.texts("storage_opt")
    if any("=" not in each for each in storage):
        raise usage("invalid storage option")
    ulimits = {limit.name: limit for limit in given.each("ulimit", ulimit_of)}
    return Limits(
        memory_swappiness=None if swappiness == -1 else swappiness,
        kernel_memory=given.one("kernel_memory", size_of, 0),
        oom_kill_disable=given.on("oom_kill_disable"),
        oom_score_adj=given.one("oom_score_adj", whole, 0),
        shm_size=given.one("shm_size", size_of, 0),
        ulimits=tuple(ulimits[name] for name in sorted(ulimits)),
        weights=given.each("blkio_weight_device", weight_of),
        read_bps=given.each("device_read_bps", bytes_rate),
        write_bps=given.each("device_write_bps", bytes_rate),
        read_iops=given.each("device_read_iops", operations_rate),
        write_iops=given.each("device_write_iops", operations_rate),
        storage_options=pairs(storage),
    )


def restart_of(text: str) -> RestartPolicy:
    """`POLICY[:RETRIES]`."""
    name, colon, retries = text.partition(":")
    if colon and not name:
        raise usage("invalid restart policy format: no policy provided before colon")
    if not retries:
        return RestartPolicy(name)
    if not (retries.lstrip("+-").isascii() and retries.lstrip("+-").isdigit()) or len(retries) > 9:
        raise usage("invalid restart policy format: maximum retry count must be an integer")
    return RestartPolicy(name, int(retries))


def health_of(given: Given) -> Health | None:
    """None where nothing about it is asked for."""
    command = given.word("health_cmd")
    health = Health(
        test=("CMD-SHELL", command) if command else (),
        interval=given.one("health_interval", nanoseconds, 0),
        timeout=given.one("health_timeout", nanoseconds, 0),
        start_period=given.one("health_start_period", nanoseconds, 0),
        start_interval=given.one("health_start_interval", nanoseconds, 0),
        retries=given.one("health_retries", whole, 0),
    )
    if given.on("no_healthcheck"):
        if health != Health():
            raise usage("--no-healthcheck conflicts with --health-* options")
        return Health(test=("NONE",))
    for name in ("interval", "timeout", "retries", "start_period", "start_interval"):
        if getattr(health, name) < 0:
            raise usage(f"--health-{name.replace('_', '-')} cannot be negative")
    return None if health == Health() else health


def log_of(given: Given) -> LogConfig:
    """Where output goes."""
    driver, options = given.word("log_driver"), pairs(given.texts("log_opt"))
    if driver == "none" and options:
        raise usage("invalid logging opts for driver none")
    return LogConfig(driver, options)
