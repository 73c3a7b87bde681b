#!/bin/sh
# Builds the programs of a Kubernetes cluster from Debian 12's source package.
# usage: build.sh SCRATCH OUTPUT VERSION — two empty folders, and the upstream version to expect.
set -eu
scratch=$1 output=$2 version=$3

# The archive is the one that apt knows here, with its sources; the machine's own lists stay as they are.
mkdir -p "$scratch/apt/lists/partial" "$scratch/source" "$scratch/go/src/k8s.io" "$scratch/tmp"
apt-get indextargets 'Created-By: Packages' 'Origin: Debian' --format \
    'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    > "$scratch/apt/sources.list"
[ -s "$scratch/apt/sources.list" ] || { echo "error: apt knows no archive of Debian's here" >&2; exit 1; }
cat > "$scratch/apt/apt.conf" <<CONFIGURATION
Dir::State::lists "$scratch/apt/lists";
Dir::Etc::sourcelist "$scratch/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
CONFIGURATION
export APT_CONFIG="$scratch/apt/apt.conf"
apt-get update -qq
cd "$scratch/source"
apt-get source -qq --download-only kubernetes
dpkg-source --no-check --extract ./*.dsc "$scratch/go/src/k8s.io/kubernetes" > "$scratch/source/log"
cd "$scratch/go/src/k8s.io/kubernetes"
case $(dpkg-parsechangelog --show-field Version) in
    "$version"-* | *+really"$version"-*) ;;
    *) echo "error: the archive's kubernetes is not $version" >&2; exit 1 ;;
esac

# The vendored reflect2 does not know Go 1.18 and later: every write to the server would panic.
rm vendor/github.com/modern-go/reflect2/*.go vendor/github.com/modern-go/reflect2/*.s
cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go \
    /usr/share/gocode/src/github.com/modern-go/reflect2/*.s vendor/github.com/modern-go/reflect2/

GOPATH=$scratch/go GOCACHE=${GOCACHE:-$scratch/cache} TMPDIR=$scratch/tmp GOROOT=$(go env GOROOT)
export GOPATH GOCACHE TMPDIR GOROOT GO111MODULE=off GOPROXY=off GOFLAGS= CGO_ENABLED=0

# The one generated file that the source package lacks: the description of the API.
go build -trimpath -o "$scratch/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rl --include='*.go' -e '+k8s:openapi-gen=' pkg cmd plugin vendor/k8s.io/*/ |
    grep -v -e '^vendor/k8s.io/code-generator/' -e '^vendor/k8s.io/sample-' -e zz_generated |
    xargs -n1 dirname | LC_ALL=C sort -u | sed 's|^|k8s.io/kubernetes/|' | paste -sd,)
"$scratch/openapi-gen" --logtostderr --input-dirs "$packages" \
    --output-package k8s.io/kubernetes/pkg/generated/openapi --output-file-base zz_generated.openapi \
    --go-header-file vendor/k8s.io/code-generator/hack/boilerplate.go.txt \
    --report-filename "$scratch/violations"

flags="-s -w"
for package in component-base/version client-go/pkg/version; do
    name=k8s.io/kubernetes/vendor/k8s.io/$package
    minor=${version#*.}
    flags="$flags -X $name.gitVersion=v$version -X $name.gitMajor=${version%%.*} -X $name.gitMinor=${minor%%.*}"
done
go build -trimpath -ldflags "$flags" -o "$output/" \
    ./cmd/kube-apiserver ./cmd/kube-controller-manager ./cmd/kube-scheduler ./cmd/kubelet
