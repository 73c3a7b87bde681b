"""Every danger that the model of a create can say, by the words of its refusal."""

from contctl.core.domain.create import CreateSpec, LogConfig
from contctl.core.domain.limits import Limits
from contctl.core.domain.mounts import BindOptions, Mount, Storage, VolumeOptions
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.privileges import Device, DeviceRequest, Privileges
from contctl.core.domain.resources import Resources

IMAGE = "busybox:latest"
_INLINE = VolumeOptions(driver_options={"type": "none", "o": "bind", "device": "/etc"})


def typed_dangers(base: str) -> dict[str, CreateSpec]:
    """base: a container in the caller's scope."""
    privileges = {
        "privileged mode": Privileges(privileged=True),
        "added capability CAP_SYS_ADMIN": Privileges(add=("sys_admin",)),
        "added capability ALL": Privileges(add=("CHOWN", "all")),
        "devices": Privileges(devices=(Device("/dev/null", "/dev/x", "r"),)),
        "device cgroup rules": Privileges(device_rules=("c 1:3 r",)),
        "device requests, such as GPUs": Privileges(device_requests=(DeviceRequest(count=-1),)),
        "security option seccomp": Privileges(security=("seccomp=unconfined",)),
        "security option apparmor": Privileges(security=("apparmor:unconfined",)),
        "unmasked path /proc/acpi, writable path /proc/bus": Privileges(unconfined_paths=True),
        "sysctl net.ipv4.ip_forward": Privileges(sysctls={"net.ipv4.ip_forward": "1"}),
        "runtime kata": Privileges(runtime="kata"),
        "cgroup parent /": Privileges(cgroup_parent="/"),
        "cgroup namespace host": Privileges(cgroupns="host"),
        "PID namespace host": Privileges(pid="host"),
        "PID namespace container:": Privileges(pid=f"container:{base}"),
        "IPC namespace host": Privileges(ipc="host"),
        "IPC namespace container:": Privileges(ipc=f"container:{base}"),
        "UTS namespace host": Privileges(uts="host"),
        "user namespace host": Privileges(userns="host"),
        "isolation hyperv": Privileges(isolation="hyperv"),
        "annotations for the runtime": Privileges(annotations={"a": "b"}),
    }
    storage = {
        "bind mount of /etc": Storage(binds=("/etc:/host:ro",)),
        "bind mount of /": Storage(mounts=(Mount("bind", "/host", "/"),)),
        "bind mount of /run/docker.sock": Storage(binds=("/run/docker.sock:/s",)),
        "(it reaches the engine's socket)": Storage(api_socket=True),
        "mount propagation shared": Storage(
            mounts=(Mount("bind", "/x", "/nowhere", bind=BindOptions(propagation="shared")),)
        ),
        "inline volume with the option": Storage(mounts=(Mount("volume", "/x", volume=_INLINE),)),
        "inline volume driver": Storage(
            mounts=(Mount("volume", "/x", volume=VolumeOptions(driver="nfs")),)
        ),
        "mount of the type npipe": Storage(mounts=(Mount("npipe", "/x", "/y"),)),
        "volume driver nfs": Storage(volume_driver="nfs"),
        "volumes of other containers": Storage(volumes_from=(f"{base}:ro",)),
    }
    others = {
        "network host": CreateSpec(IMAGE, network="host"),
        "network container:": CreateSpec(IMAGE, network=f"container:{base}"),
        "network ns:/proc/1/ns/net": CreateSpec(IMAGE, network="ns:/proc/1/ns/net"),
        "network host ": CreateSpec(IMAGE, networking=Networking((Endpoint("host"),))),
        "options for a network driver": CreateSpec(
            IMAGE, networking=Networking((Endpoint("bridge", driver_options={"a": "b"}),))
        ),
        "log driver syslog": CreateSpec(IMAGE, log=LogConfig("syslog")),
        "negative OOM score": CreateSpec(IMAGE, limits=Limits(oom_score_adj=-1)),
        "disabled OOM killer": CreateSpec(IMAGE, limits=Limits(oom_kill_disable=True)),
        "storage option overlay2.x": CreateSpec(
            IMAGE, limits=Limits(storage_options={"overlay2.x": "1"})
        ),
        "real-time scheduling": CreateSpec(IMAGE, resources=Resources(cpu_realtime_runtime=1)),
    }
    made = {danger: CreateSpec(IMAGE, privileges=value) for danger, value in privileges.items()}
    made |= {danger: CreateSpec(IMAGE, storage=value) for danger, value in storage.items()}
    return {danger.rstrip(): spec for danger, spec in (made | others).items()}


def foreign(other: str) -> list[CreateSpec]:
    """Requests that name the container `other`, in every way that there is."""
    return [
        CreateSpec(IMAGE, network=f"container:{other}"),
        CreateSpec(IMAGE, networking=Networking((Endpoint(f"container:{other}"),))),
        CreateSpec(IMAGE, privileges=Privileges(pid=f"container:{other}")),
        CreateSpec(IMAGE, privileges=Privileges(ipc=f"container:{other}")),
        CreateSpec(IMAGE, privileges=Privileges(uts=f"container:{other}")),
        CreateSpec(IMAGE, privileges=Privileges(userns=f"container:{other}")),
        CreateSpec(IMAGE, privileges=Privileges(cgroupns=f"container:{other}")),
        CreateSpec(IMAGE, storage=Storage(volumes_from=(other,))),
        CreateSpec(IMAGE, storage=Storage(volumes_from=(f"{other}:ro",))),
        CreateSpec(IMAGE, networking=Networking(links=(f"{other}:db",))),
        CreateSpec(IMAGE, networking=Networking((Endpoint("bridge", links=(other,)),))),
    ]
