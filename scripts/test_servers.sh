#!/bin/sh
# Installs the real servers that the tests of the cache backends run against (Redis, two S3
# servers, Azure Blob Storage) and prints the variables that name them:
#   eval "$(scripts/test_servers.sh)"
# A server that cannot be installed is left out; its tests are then skipped by name.
set -u
home="${TEST_SERVERS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/imageproxy-test-servers}"
mkdir -p "$home/node"

say() { printf '%s\n' "$*" >&2; }

if ! command -v redis-server >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # The policy file keeps the package from starting its daemon.
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1; }
    { apt-get update && apt-get install -y --no-install-recommends redis-server; } >&2 ||
      say "Redis could not be installed"
    [ -z "${made:-}" ] || rm -f "$policy"
  else
    say "Redis needs redis-server on PATH, or root and apt-get"
  fi
fi

if [ ! -d "$home/node/node_modules/@20minutes/s3rver" ] || [ ! -d "$home/node/node_modules/azurite" ]; then
  if command -v npm >/dev/null 2>&1; then
    (cd "$home/node" && npm install --no-audit --no-fund --loglevel=error \
      @20minutes/s3rver@5.0.0 azurite@3.35.0) >&2 || say "s3rver and azurite could not be installed"
  else
    say "s3rver and azurite need Node and npm"
  fi
fi

if [ ! -x "$home/py/bin/moto_server" ]; then
  { python3 -m venv "$home/py" && "$home/py/bin/pip" install -q 'moto[s3,server]==5.2.5'; } >&2 ||
    say "moto could not be installed"
fi

name() { [ ! -e "$2" ] || printf 'export %s="%s"\n' "$1" "$2"; }
name REDIS_SERVER "$(command -v redis-server)"
name S3RVER "$home/node/node_modules/@20minutes/s3rver"
name AZURITE_BLOB "$home/node/node_modules/.bin/azurite-blob"
name MOTO_SERVER "$home/py/bin/moto_server"
