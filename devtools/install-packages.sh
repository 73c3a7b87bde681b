#!/bin/sh
# Installs the Debian packages that are missing for: engine | test | kubernetes (to build it)
set -eu
engine="docker.io runc containerd iproute2 busybox-static"
case ${1:-} in
    engine) wanted=$engine ;;
    test)
        wanted="$engine docker-registry gnome-keyring dbus systemd libseccomp2 curl"
        wanted="$wanted podman containernetworking-plugins openssh-client openssh-server"
        wanted="$wanted etcd-server openssl"
        # Others than Debian have packages with kubectl too, and two do not go together.
        command -v kubectl >/dev/null || wanted="$wanted kubernetes-client"
        ;;
    kubernetes) wanted="golang-go golang-github-modern-go-reflect2-dev dpkg-dev debian-archive-keyring" ;;
    *) echo "usage: $0 engine|test|kubernetes" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "note: not a Debian system; what is not installed here is not tested: $wanted" >&2
    exit 0
fi
missing=
for package in $wanted; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "note: not installed, and only root can install them:$missing" >&2
    exit 0
fi

# Installing a package starts its service; the tests and the demo start private ones of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
echo "installing$missing" >&2
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
