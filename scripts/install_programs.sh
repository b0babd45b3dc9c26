#!/bin/sh
# Installs what the tests of the page and of the examples in deploy/ run, Chromium, nginx and Caddy, and
# what pictures are compared with, ImageMagick libvips; fish and zsh, into which the README is pasted; and languages in which docs/pages.md builds URLs, PHP and Ruby.
# What cannot be installed is left out; its tests are then skipped by name.
set -u

say() { printf '%s\n' "$*" >&2; }

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -x /usr/sbin/nginx ] || command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
command -v caddy >/dev/null 2>&1 || missing="$missing caddy"
# Something else may have the name of convert.
magick -version 2>/dev/null | grep -q '^Version: ImageMagick' ||
  convert -version 2>/dev/null | grep -q '^Version: ImageMagick' || missing="$missing imagemagick"
command -v vips >/dev/null 2>&1 || missing="$missing libvips-tools"
command -v fish >/dev/null 2>&1 || missing="$missing fish"
command -v zsh >/dev/null 2>&1 || missing="$missing zsh"
command -v php >/dev/null 2>&1 || missing="$missing php-cli"
command -v ruby >/dev/null 2>&1 || missing="$missing ruby"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  say "Cannot install$missing: that takes root and apt-get"
  exit 0
fi

# The policy file keeps the packages from starting their daemons.
policy=/usr/sbin/policy-rc.d
made=""
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2 || say "The list of packages could not be brought up to date"
for package in $missing; do
  apt-get install -y -qq --no-install-recommends "$package" >&2 || say "$package could not be installed"
done
[ -z "$made" ] || rm -f "$policy"
exit 0
