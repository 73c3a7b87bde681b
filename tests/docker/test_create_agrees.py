"""`create` with docker's options makes what docker's own program makes of them, on one engine."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import Json
from devtools.engine import PrivateEngine
from devtools.http_unix import request_json
from tests.commands.harness import IMAGE, Shell
from tests.requirements import unavailable

pytestmark = pytest.mark.docker

NETWORK = "agreed-net"
OTHER = "agreed-db"

LINES = """
-e A=1 -e B= -l a=b -l bare --label-file {labels} --env-file {env} -w /tmp -u 5:6
--entrypoint /bin/echo -h box --domainname example
--entrypoint ""
-i
-t
-it
-a stdin -a stdout
-a STDERR -i
--init --stop-signal INT --stop-timeout 5
--init=false --stop-timeout 0
-m 64m --memory-reservation 32m --memory-swap 128m --memory-swappiness 10
-m 1.5g --memory-swap -1
--memory-swappiness 0 --blkio-weight 0
--cpus 0.5 --cpuset-cpus 0 --cpuset-mems 0 -c 512
--cpu-period 50000 --cpu-quota 25000
--pids-limit 100 --shm-size 128k --oom-score-adj 100
--pids-limit -1
--pids-limit 0
--oom-kill-disable -m 64m
--ulimit nofile=64:128 --ulimit core=0 --ulimit nproc=-1
--restart always
--restart on-failure:3
--restart unless-stopped
--restart no --rm
--restart ""
--read-only --tmpfs /run --tmpfs /t:size=1m,mode=1777
-v agreed-vol:/data -v /anonymous -v agreed-vol:/other:ro
-v {folder}:/host:ro -v {folder}:/again:rslave -v ./:/here
--mount type=volume,src=agreed-vol,dst=/data,volume-nocopy
--mount type=volume,dst=/new,volume-label=a=b,volume-driver=local
--mount type=bind,src={folder},dst=/host,readonly,bind-propagation=rprivate
--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700
--mount 'type=bind,"src={folder}",dst=/a,bind-nonrecursive=true,consistency=cached'
--volumes-from {other} --volumes-from {other}:ro
--volume-driver local -v agreed-vol:/data
-p 80 -p 8080:81 -p 127.0.0.1:8443:443/tcp -p 53:53/udp
-p 8000-8001:80-81 -p 9000-9010:90 -p [::1]:7000:70 -p 0:60
-P --expose 90 --expose 100-101/udp -p target=80,published=8082,protocol=udp
--network none
--network host
--network bridge --dns 10.0.0.1 --dns-option ndots:1 --dns-opt timeout:1 --dns-search example
--network {network}
--network {network} --network-alias web --network-alias www --ip 172.31.99.9
--network name={network},alias=x,ip=172.31.99.10
--network {network} --link {other}:db
--net {network} --net-alias web
--network container:{other}
--link {other}:db --link {other}
--dns-search . --add-host a:10.0.0.1 --add-host b=::1 --add-host c:host-gateway
--privileged
--cap-add sys_admin --cap-add NET_ADMIN --cap-drop all
--device /dev/null --device /dev/zero:/dev/z:r --device /dev/full:rw
--device-cgroup-rule 'c 1:3 rwm' --device-read-bps /dev/null:1mb --device-write-iops /dev/null:10
--gpus all --gpus '"device=0,1",capabilities=compute'
--security-opt no-new-privileges --security-opt seccomp=unconfined
--security-opt seccomp={profile}
--security-opt systempaths=unconfined
--sysctl net.ipv4.ip_forward=1 --pid host --ipc host --uts host
--pid container:{other}
--ipc shareable --userns host --cgroupns host --cgroup-parent /agreed --runtime runc
--ipc container:{other} --cgroupns private --group-add 5 --group-add audio
--log-driver json-file --log-opt max-size=1m
--log-driver none
--health-cmd "true x" --health-interval 1s --health-timeout 1m30s --health-retries 3
--health-start-period 500ms --isolation default --platform linux/amd64
--no-healthcheck --disable-content-trust
--kernel-memory 32m
--use-api-socket
""".strip().splitlines()  # fmt: skip


@pytest.fixture
def shell(docker_backend: DockerEngine) -> Shell:
    shell = Shell()
    shell.ports.engine = docker_backend  # type: ignore[assignment]
    shell.init()
    return shell


@pytest.fixture
def surroundings(docker_engine: PrivateEngine, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Files, a network, a volume and another container; all is cleared away afterwards."""
    values = {name: str(tmp_path / name) for name in ("labels", "env", "profile", "folder")}
    Path(values["labels"]).write_text("of=file\n# no\nplain\n")
    Path(values["env"]).write_text("OF=file\nHOMELESS\n\n  LED=x y\n")
    Path(values["profile"]).write_text('{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}')
    Path(values["folder"]).mkdir()
    host = docker_engine.host
    subnet = {"Config": [{"Subnet": "172.31.99.0/24"}]}
    network = {"Name": NETWORK, "Driver": "bridge", "IPAM": subnet}
    request_json(host, "POST", "/networks/create", network)
    body = {"Image": IMAGE, "Cmd": ["sleep", "600"], "Volumes": {"/shared": {}}}
    body["HostConfig"] = {"IpcMode": "shareable"}
    other = request_json(host, "POST", f"/containers/create?name={OTHER}", body)["Id"]
    yield values | {"network": NETWORK, "other": OTHER, "id": other}
    request_json(host, "DELETE", f"/containers/{other}?force=1&v=1")
    for path in (f"/networks/{NETWORK}", "/volumes/agreed-vol"):
        with suppress(RuntimeError):
            request_json(host, "DELETE", path)


def by_docker(host: str, folder: Path, args: list[str]) -> tuple[str, str]:
    """The ID, or none, and what was said."""
    try:
        done = subprocess.run(
            ["docker", "-H", host, "create", *args],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
            check=False,
        )
    except FileNotFoundError:
        unavailable("docker's own command line is not installed")
    return done.stdout.strip(), done.stderr


def taken(host: str, container_id: str, other: str) -> Json:
    """What the engine tells of a container, which is then removed. other: the other one's ID."""
    answer = request_json(host, "GET", f"/containers/{container_id}/json")
    request_json(host, "DELETE", f"/containers/{container_id}?force=1&v=1")
    # contctl asks for the full ID that it has decided about.
    return normal(json.loads(json.dumps(answer).replace(other, OTHER)), container_id)


def normal(inspected: Json, container_id: str) -> Json:
    """What an inspection says apart from this container's own names and times."""
    network = inspected["NetworkSettings"]["Networks"]
    for endpoint in network.values():
        if endpoint["Aliases"]:
            endpoint["Aliases"] = [a for a in endpoint["Aliases"] if a != container_id[:12]]
    config = {**inspected["Config"]}
    config["Labels"] = {k: v for k, v in config["Labels"].items() if k != "contctl.request"}
    config["Env"] = sorted(config["Env"] or [])
    if config["Hostname"] == container_id[:12]:
        config["Hostname"] = "its ID"
    host_config = {**inspected["HostConfig"]}
    host_config["Binds"] = sorted(host_config["Binds"] or [])
    own = inspected["Name"]
    links = host_config["Links"] or []
    host_config["Links"] = sorted(link.replace(f":{own}/", ":/its name/") for link in links)
    mounts = [anonymous(mount) for mount in inspected["Mounts"]]
    return {
        "Config": config,
        "HostConfig": host_config,
        "Mounts": sorted(mounts, key=lambda mount: json.dumps(mount, sort_keys=True)),
        "Networks": network,
        "Platform": inspected["Platform"],
    }


def anonymous(mount: Json) -> Json:
    """Without the name of a volume that the engine named."""
    named = len(mount.get("Name", "")) != 64
    return {key: value for key, value in mount.items() if named or key not in ("Name", "Source")}


def test_the_same_options_make_the_same_container(
    shell: Shell,
    docker_engine: PrivateEngine,
    surroundings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = {
        line: [part.format(**surroundings) for part in (*shlex.split(line), IMAGE, "sleep", "600")]
        for line in LINES
    }
    differing: dict[str, object] = {}
    with ThreadPoolExecutor(4) as pool:
        dockers = pool.map(
            lambda args: by_docker(docker_engine.host, tmp_path, args), lines.values()
        )
        for (line, args), (theirs, words) in zip(lines.items(), dockers, strict=True):
            ours = shell.run("create", *args)
            found = [
                taken(docker_engine.host, each, surroundings["id"])
                for each in (theirs, ours.out.strip())
                if each
            ]
            if len(found) != 2:
                differing[line] = (theirs, words, ours)
            elif found[0] != found[1]:
                differing[line] = difference(*found)
    report = "\n".join(f"{line}\n    {found}" for line, found in differing.items())
    assert not differing, report


def difference(theirs: Any, ours: Any) -> Any:
    """The parts in which two answers differ."""
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        return (theirs, ours)
    return {
        key: difference(theirs.get(key), ours.get(key))
        for key in theirs.keys() | ours.keys()
        if theirs.get(key) != ours.get(key)
    }


def test_the_same_update_changes_the_same(
    shell: Shell, docker_engine: PrivateEngine, tmp_path: Path
) -> None:
    host = docker_engine.host
    lines = (
        "-m 64m --memory-swap 128m -c 100 --cpus 0.5 --cpuset-cpus 0 --restart on-failure:3",
        "--pids-limit -1 --memory-reservation 32m --restart no",
    )
    theirs, _ = by_docker(host, tmp_path, [IMAGE, "sleep", "600"])
    ours = shell.done("create", IMAGE, "sleep", "600").strip()
    for line in lines:
        args = ["docker", "-H", host, "update", *line.split(), theirs]
        done = subprocess.run(args, capture_output=True, text=True, timeout=60, check=True)
        result = shell.run("update", *line.split(), ours)
        assert (result.code, result.out.strip(), done.stdout.split()[0]) == (0, ours, theirs)
    assert taken(host, theirs, OTHER) == taken(host, ours, OTHER)
