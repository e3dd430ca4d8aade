#!/usr/bin/env bash
# Builds the test control plane from the Go modules pinned in control-plane/go.mod.
#
# Messages go to stderr; stdout is one line, the directory with the binaries.
# A second run finds everything in place and only prints that line.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
module="$here/control-plane"
cacheRoot="${UK_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/updatekate}/control-plane"

# name=package; the names are the ones control-plane.ts starts.
binaries=(
  etcd=go.etcd.io/etcd/server/v3
  kubectl=k8s.io/kubernetes/cmd/kubectl
  kwok=sigs.k8s.io/kwok/cmd/kwok
  kube-scheduler=k8s.io/kubernetes/cmd/kube-scheduler
  kube-apiserver=k8s.io/kubernetes/cmd/kube-apiserver
  kube-controller-manager=k8s.io/kubernetes/cmd/kube-controller-manager
)

say() { printf 'control plane: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

missing() {
  local entry
  for entry in "${binaries[@]}"; do
    [[ -x "$binDir/${entry%%=*}" ]] || printf '%s\n' "$entry"
  done
}

# Without these the API server calls itself v0.0.0-master, and clients act on the version they read.
versionFlags() {
  local kubernetes kwok minor package
  kubernetes="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
  kwok="$(go list -m -f '{{.Version}}' sigs.k8s.io/kwok)"
  minor="${kubernetes#v1.}"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.%s ' "$package" "gitVersion=$kubernetes" "$package" gitMajor=1 \
      "$package" "gitMinor=${minor%%.*}" "$package" gitTreeState=clean
  done
  printf -- '-X sigs.k8s.io/kwok/pkg/consts.Version=%s' "$kwok"
}

build() {
  local name="$1" package="$2" started=$SECONDS
  say "building $name"
  CGO_ENABLED=0 go build -p "${UK_TEST_BUILD_JOBS:-2}" -buildvcs=false -trimpath \
    -ldflags "-s -w $flags" -o "$work/$name" "$package" >&2
  mv "$work/$name" "$binDir/$name"
  say "built $name in $((SECONDS - started)) s"
}

hash="$(cat "$module/go.mod" "$module/go.sum" "$here/build.sh" | sha256 | cut -c1-16)"
binDir="$cacheRoot/$hash"
mkdir -p "$binDir"

if [[ -n "$(missing)" ]]; then
  # Two test runs that start together must not compile the same thing twice.
  if command -v flock >/dev/null; then
    exec 9>"$binDir/.lock"
    flock 9
  fi
  # shellcheck source=SCRIPTDIR/control-plane/go.sh
  source "$module/go.sh"
  work="$(mktemp -d "$binDir/.build.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  needGo "$work"
  cd "$module"
  flags="$(versionFlags)"
  say "building with $(go version | cut -d" " -f3), about ten minutes on two cores the first time"
  for entry in $(missing); do build "${entry%%=*}" "${entry#*=}"; done
  say "ready in $SECONDS s"
fi

printf '%s\n' "$binDir"
