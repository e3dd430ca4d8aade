#!/usr/bin/env bash
# npm run test:image: builds the image and runs it as Kubernetes would: read-only, without capabilities, not as root.
#
# Needs root on Debian or Ubuntu; missing packages are installed. A Docker daemon of its own is started, and podman is
# tried where none can run. The base image is made here (debootstrap, Node.js from node_modules), so only Debian's and
# npm's registries are needed, reached as the caller's npm reaches them. Everything is temporary. Ends with 0 when
# all checks hold, or with "SKIPPED: why"; with 1 when one does not hold.
#
#   UK_TEST_ENGINE=docker|podman  tries that one only
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly image=updatekate:test
work=$(mktemp -d "${TMPDIR:-/tmp}/uk-image.XXXXXX")
readonly work
engine=()
daemon=''
container=''

say() { echo "-- $*"; }
skip() {
  echo "SKIPPED: $*"
  exit 0
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

cleanup() {
  local code=$? point
  set +e
  if [ -n "$container" ]; then
    [ "$code" = 0 ] || "${engine[@]}" logs "$container"
    "${engine[@]}" rm --force --volumes "$container" >/dev/null 2>&1
  fi
  stop_daemon
  # What an engine left mounted must not be deleted through the mount.
  for point in $(awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r); do
    umount -l "$point"
  done
  # An engine may still be tidying up in it.
  rm -rf --one-file-system "$work" 2>/dev/null || { sleep 2 && rm -rf --one-file-system "$work"; }
}
trap cleanup EXIT

stop_daemon() {
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  daemon=''
}

# ensure PROGRAM PACKAGE
ensure() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || return 1
  say "installing $2"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$2"; } \
    >"$work/apt.log" 2>&1
}

# The client must know BuildKit: of itself up to version 20, by its plugin buildx since.
docker_client() {
  local client
  for client in /usr/bin/docker "$(command -v docker || true)"; do
    [ -x "$client" ] || continue
    if [[ $("$client" --version) =~ version\ (19|20)\. ]] || "$client" buildx version >/dev/null 2>&1; then
      echo "$client"
      return
    fi
  done
  return 1
}

start_docker() {
  local driver
  if ! ensure dockerd docker.io || ! engine=("$(docker_client)" --host "unix://$work/docker.sock"); then
    why='Docker is not installed and cannot be'
    return 1
  fi
  for driver in overlay2 vfs; do
    PATH=$PATH:/usr/sbin:/sbin dockerd --host "unix://$work/docker.sock" --data-root "$work/docker" \
      --exec-root "$work/exec" --pidfile "$work/docker.pid" --storage-driver "$driver" \
      --bridge=none --iptables=false --ip-forward=false >"$work/dockerd.log" 2>&1 &
    daemon=$!
    for _ in {1..60}; do
      if "${engine[@]}" info >/dev/null 2>&1; then
        say "Docker $("${engine[@]}" info --format '{{.ServerVersion}}') with $driver"
        return
      fi
      kill -0 "$daemon" 2>/dev/null || break
      sleep 0.5
    done
    stop_daemon
  done
  why="no Docker daemon can run here: $(tail -n 1 "$work/dockerd.log")"
  return 1
}

start_podman() {
  if ! ensure podman podman || ! ensure runc runc; then
    why="${why:+$why; }podman is not installed and cannot be"
    return 1
  fi
  engine=(podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp"
    --storage-driver vfs --cgroup-manager cgroupfs --events-backend file --runtime runc)
  if "${engine[@]}" info >"$work/podman.log" 2>&1; then
    say "$(podman --version) with vfs"
    return
  fi
  why="${why:+$why; }podman cannot run here: $(tail -n 1 "$work/podman.log")"
  return 1
}

# Two images: what runs has Node.js, what builds has npm as well.
make_bases() {
  local root=$work/root npm
  say 'making the base images'
  PATH=$PATH:/usr/sbin:/sbin debootstrap --variant=minbase bookworm "$root" >"$work/debootstrap.log" 2>&1 ||
    skip "debootstrap cannot make a base image: $(tail -n 1 "$work/debootstrap.log")"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/dev/*
  install -D node_modules/node/bin/node "$root/usr/local/bin/node"
  import_base updatekate-test-runtime
  npm=$(dirname "$(dirname "$(readlink -f "${npm_execpath:-$(command -v npm)}")")")
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  import_base updatekate-test-build
  rm -rf "$root"
}

import_base() {
  tar -C "$work/root" -c . | "${engine[@]}" import - "$1:latest" >"$work/import.log" 2>&1 || fail "$(cat "$work/import.log")"
}

# What npm needs to reach its registry goes in as secrets, with the paths that hold inside.
build() {
  local ca options=(--network=host)
  (
    umask 077
    grep -v '^cafile' "$(npm config get userconfig 2>/dev/null)" 2>/dev/null || true
    echo "registry=$(npm config get registry 2>/dev/null)"
  ) >"$work/npmrc"
  ca=$(npm config get cafile 2>/dev/null)
  [ -r "$ca" ] || ca=${NODE_EXTRA_CA_CERTS:-}
  if [ -r "$ca" ]; then
    echo 'cafile=/run/secrets/ca' >>"$work/npmrc"
    options+=(--secret "id=ca,src=$ca")
  fi
  [ "${engine[0]}" = podman ] && options+=(--isolation=chroot)
  say 'building the image'
  DOCKER_BUILDKIT=1 "${engine[@]}" build "${options[@]}" --secret "id=npmrc,src=$work/npmrc" \
    --build-arg BASE_IMAGE="$local_registry"updatekate-test-build \
    --build-arg RUNTIME_IMAGE="$local_registry"updatekate-test-runtime \
    --tag "$image" . >"$work/build.log" 2>&1 || {
    tail -n 60 "$work/build.log" >&2
    fail 'the image cannot be built'
  }
}

# call METHOD PATH [BODY]: prints the status and the body.
call() {
  node_modules/node/bin/node -e '
    const [method, url, body] = process.argv.slice(1);
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method, headers, ...(body ? { body } : {}) });
    console.log(response.status, (await response.text()).trim());
  ' --input-type=module "$1" "http://127.0.0.1:$port$2" "${@:3}" 2>&1 || true
}

# expect WHAT PATTERN GOT
expect() {
  case "$3" in
    $2) say "ok: $1" ;;
    *) fail "$1: expected $2, got: $3" ;;
  esac
}

start_container() {
  local options=()
  # Its default limits are above what a sandbox may allow.
  [ "${engine[0]}" = podman ] && options+=(--ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024)
  container=$("${engine[@]}" run "${options[@]}" --detach --network=host --read-only --cap-drop=ALL --security-opt=no-new-privileges \
    --env UK_CLUSTER=embedded --env UK_PORT=0 --env UK_EMBEDDED_PORT=0 "$image") || fail 'the container does not start'
  for _ in {1..60}; do
    port=$("${engine[@]}" logs "$container" 2>&1 | sed -n 's/.*"port":\([0-9]*\).*"msg":"listening".*/\1/p')
    [ -n "$port" ] && return
    sleep 0.5
  done
  fail 'the service does not listen within 30 s'
}

check_running() {
  local pid ready
  expect '/healthz answers' '200 ok' "$(call GET /healthz)"
  for _ in {1..20}; do
    ready=$(call GET /readyz)
    [[ $ready == 200* ]] && break
    sleep 0.5
  done
  expect '/readyz answers' '200 *true*' "$ready"
  expect 'a push is recorded' '202 *' \
    "$(call POST /webhook '{"docker_url":"quay.io/updatekate/shop","updated_tags":["1.1.0"]}')"
  pid=$("${engine[@]}" inspect --format '{{.State.Pid}}' "$container")
  expect 'the user is not root' 65532 "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")"
  expect 'the process has no capability' 0000000000000000 "$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")"
  expect 'updatekate is in the PATH' 'usage: updatekate COMMAND*' "$("${engine[@]}" exec "$container" updatekate --help 2>&1)"
  expect 'kube-monitor is in the PATH' 'usage: kube-monitor *' "$("${engine[@]}" exec "$container" kube-monitor --help 2>&1)"
  expect 'the service takes no arguments' 'updatekate: the service takes no arguments*' \
    "$("${engine[@]}" exec "$container" node dist/main.js notify shop 2>&1 || true)"
  expect 'nothing was written outside of /data and tmpfs' '' \
    "$("${engine[@]}" diff "$container" | grep -v -E '^[AC] /(data|dev|etc|proc|run|sys|tmp)(/|$)' || true)"
}

check_stop() {
  local code
  "${engine[@]}" kill --signal TERM "$container" >/dev/null
  code=$(timeout 40 "${engine[@]}" wait "$container") || fail 'SIGTERM did not end the process within 40 s'
  expect 'SIGTERM ends it with 0' 0 "$code"
}

size_mb() { echo $(($("${engine[@]}" image inspect --format '{{.Size}}' "$1") / 1000000)); }

[ "$(id -u)" = 0 ] || skip 'needs root, to start an engine and to make the base image'
[ -x node_modules/node/bin/node ] || fail 'run npm ci first'
ensure debootstrap debootstrap || skip 'debootstrap is not installed and cannot be'
why=''
local_registry=''
case "${UK_TEST_ENGINE:-any}" in
  docker) start_docker || skip "$why" ;;
  podman) start_podman || skip "$why" ;;
  *) start_docker || start_podman || skip "$why" ;;
esac
[ "${engine[0]}" = podman ] && local_registry=localhost/
make_bases
build
start_container
check_running
check_stop
echo "image: $(size_mb "$image") MB, of which $(size_mb "${local_registry}updatekate-test-runtime") MB are Debian and Node.js"
echo 'PASSED'
