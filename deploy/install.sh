#!/bin/sh
# Installs the program for this machine from a release, after comparing its checksum:
#   sh install.sh [VERSION]          the newest release unless told
#   IMAGEPROXY_RELEASES=URL          where the releases lie; a published copy of this script knows
#   IMAGEPROXY_FOLDER=FOLDER         where the program goes; default: ~/.local/bin, for root /usr/local/bin
set -eu

releases="${IMAGEPROXY_RELEASES:-@RELEASES@}"
version="${1:-}"

fail() {
  printf 'imageproxy was not installed: %s\n' "$*" >&2
  exit 1
}

case "$releases" in
https://* | http://127.0.0.1:*) ;;
*) fail "IMAGEPROXY_RELEASES has to say where the releases lie, as https://host/path" ;;
esac

case "$(uname -s) $(uname -m)" in
"Linux x86_64") name=imageproxy-linux-x64 ;;
"Linux aarch64" | "Linux arm64") name=imageproxy-linux-arm64 ;;
"Darwin x86_64") name=imageproxy-macos-x64 ;;
"Darwin arm64") name=imageproxy-macos-arm64 ;;
*) fail "there is no program for $(uname -s) on $(uname -m); it can be run from source" ;;
esac

if [ -n "$version" ]; then from="$releases/download/v${version#v}"; else from="$releases/latest/download"; fi
if [ "$(id -u)" = 0 ]; then folder=/usr/local/bin; else folder="$HOME/.local/bin"; fi
folder="${IMAGEPROXY_FOLDER:-$folder}"

# Redirects lead to https or nowhere.
if command -v curl >/dev/null 2>&1; then
  get() {
    curl --fail --silent --show-error --location --proto "=https,${releases%%:*}" --proto-redir =https \
      --output "$2" "$1"
  }
elif command -v wget >/dev/null 2>&1; then
  # Its --https-only is about links in pages: it follows a redirect to plain http, so each is looked at here.
  get() {
    at="$1"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      if said="$(wget --quiet --server-response --max-redirect=0 --output-document="$2" "$at" 2>&1)"; then
        return 0
      fi
      at="$(printf '%s\n' "$said" | sed -n 's/^ *[Ll]ocation: *\([^ ]*\).*/\1/p' | tail -n 1 | tr -d '\r')"
      case "$at" in https://*) ;; *) return 1 ;; esac
    done
    return 1
  }
else
  fail "it takes curl or wget"
fi

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
get "$from/SHA256SUMS" "$scratch/SHA256SUMS" || fail "$from/SHA256SUMS cannot be had"
get "$from/$name" "$scratch/$name" || fail "$from/$name cannot be had"
grep " $name\$" "$scratch/SHA256SUMS" >"$scratch/sum" || fail "SHA256SUMS does not name $name"
if command -v sha256sum >/dev/null 2>&1; then check="sha256sum -c"; else check="shasum -a 256 -c"; fi
(cd "$scratch" && $check sum >/dev/null 2>&1) || fail "$name is not what SHA256SUMS says"

mkdir -p "$folder"
chmod 755 "$scratch/$name"
# Beside its place first, so that what is there is replaced at once, or not at all.
cp "$scratch/$name" "$folder/.imageproxy.new"
mv -f "$folder/.imageproxy.new" "$folder/imageproxy"
"$folder/imageproxy" version
case ":$PATH:" in
*":$folder:"*) ;;
*) printf '%s is not on your PATH\n' "$folder" ;;
esac
