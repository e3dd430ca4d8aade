# shellcheck shell=bash
# Sourced by build.sh: puts a Go on PATH that is new enough for go.mod.
#
# An older Go is used for one thing, to download the wanted toolchain as the module
# golang.org/toolchain, which Go's checksum database verifies like any other. Unlike
# GOTOOLCHAIN=auto (Go 1.21 and later) this also works from the Go of a stable Debian.

wantedGo=1.26.8

notOlder() { [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" == "$1" ]]; }

installGo() {
  if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
    fail 'Go is missing: install it (any version from 1.19, for instance the package golang-go) and run again'
  fi
  say 'Go is missing, installing the Debian package golang-go'
  { apt-get update && apt-get install -y --no-install-recommends golang-go ca-certificates; } >&2
}

downloadToolchain() {
  local platform root
  platform="$(go env GOOS)-$(go env GOARCH)"
  say "Go $1 is too old, downloading $wantedGo as a module"
  # Outside this module, because an old Go cannot read its go.mod.
  root="$(cd "$2" && go mod download -json "golang.org/toolchain@v0.0.1-go$wantedGo.$platform" |
    sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')"
  [[ -n "$root" ]] || fail "Go $wantedGo is not to be had for $platform: install it and run again"
  # The module cache drops the executable bits.
  chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
  unset GOROOT
  PATH="$root/bin:$PATH"
}

# needGo <scratch directory>
needGo() {
  local have minimum
  export GOTOOLCHAIN=local
  command -v go >/dev/null || installGo
  have="$(cd "$1" && go env GOVERSION)"
  have="${have#go}"
  minimum="$(sed -n 's/^go //p' "$module/go.mod")"
  notOlder "$minimum" "$have" || downloadToolchain "$have" "$1"
}
