"""What a cluster cannot do, and what it does otherwise than a single host."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UNSUPPORTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pause": "Kubernetes has no freezer for pods",
        "unpause": "Kubernetes has no freezer for pods",
        "rename": "names of Kubernetes objects never change",
        "commit": "Kubernetes makes no images",
        "changed_files": "Kubernetes does not compare files with an image",
        "update": "Kubernetes replaces pods rather than changing them",
        "export": "Kubernetes does not hand out file systems",
        "pull": "the nodes of a cluster pull images themselves",
        "list_images": "the images are those of the nodes",
    }
)
"""Methods of `Engine`, with the reason."""

REMARKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "list": "Pods, each with its workload; workloads without pods with --all. Sizes are not"
        " measured.",
        "inspect": "A pod or a workload; the manifest is under the key Kubernetes.",
        "start": "Scales a workload to the number of pods that it had.",
        "stop": "Scales a Deployment or StatefulSet to zero and remembers the number. Other"
        " kinds cannot be stopped, and the signal cannot be chosen.",
        "restart": "A rollout restart; pods without a workload cannot be restarted.",
        "kill": "Sends the signal to the first process from inside each pod; so it cannot be KILL.",
        "remove": "Deletes the workload and its pods.",
        "create": "A Deployment; with --restart=on-failure a Job, with --restart=no a pod, which"
        " runs at once. Volumes of the cluster cannot be mounted, nor labels be given by which a"
        " workload or Service selects.",
        "logs": "Of a workload those of all its pods; output and errors come as one.",
        "events": "Made of what happens to pods; of the past what the pods that are left tell.",
        "stats": "Where the cluster has a metrics API.",
        "wait": "Of a Job, its outcome; of other workloads, until they are stopped.",
        "top": "Runs ps inside the pod.",
        "exec": "In the newest ready pod of a workload; as the container's own user.",
        "attach": "To the newest pod of a workload; what came before is read from the log.",
        "stat": "Runs stat inside the pod.",
        "get_archive": "Runs tar inside the pod.",
        "put_archive": "Runs tar inside the pod.",
    }
)
"""Methods of `Engine`, with a sentence."""
