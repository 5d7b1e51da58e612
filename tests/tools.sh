#!/bin/sh
# Makes sure that Chromium, nginx and PHP are there for the tests, and touches no system service.
#
# Chromium comes by the system's package manager. nginx and PHP are only unpacked, into .tools/: the
# package of nginx would start a server. WITHOUT=nginx, say, acts as if that one were missing.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "$1" >&2
    exit 1
}

# No function here may bear a program's name: command -v would find it in the place of the program.
missing() {
    [ "${WITHOUT:-}" = "$1" ] && return 0
    for name in "$@"; do
        command -v "$name" >/dev/null 2>&1 && return 1
    done
    return 0
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The packages that installing these would bring, one a line; fails where apt knows no such package.
brings() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ -z "$(apt-cache --no-all-versions show "$1" 2>/dev/null)" ]; then
        echo "Fetching the lists of packages" >&2
        as_root apt-get update -q >&2 || return 1
    fi
    planned=$(apt-get --simulate --no-install-recommends install "$@" 2>/dev/null) || return 1
    { printf '%s\n' "$@"; echo "$planned" | sed -n 's/^Inst \([^ ]*\).*/\1/p'; } | sort -u
}

fetch() {
    # Its own user may not write into a checkout, and would only warn.
    (cd "$1" && shift && apt-get -q -o APT::Sandbox::User=root download "$@" >&2)
}

install_chromium() {
    sentence="The tests need Chromium: install it so that 'chromium' starts it (on Debian: sudo apt-get install chromium)."
    packages=$(brings chromium) || fail "$sentence"
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then fail "$sentence"; fi
    echo "Installing for the tests, with apt-get:" $packages >&2
    if [ -d /run/systemd/system ]; then
        folder=$(mktemp -d)
        trap 'rm -rf "$folder"' EXIT
        fetch "$folder" $packages || fail "$sentence"
        for package in "$folder"/*.deb; do
            if dpkg-deb --contents "$package" | grep -Eq ' \./(usr/)?(lib/systemd/system|etc/init\.d)/.'; then
                fail "$sentence It is not done here, because $(basename "$package" | cut -d_ -f1) brings a system service."
            fi
        done
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium >&2 ||
        fail "$sentence"
}

# Into .tools/$1, what the packages that follow would bring.
unpack() {
    into=.tools/$1
    shift
    packages=$(brings "$@") || return 1
    echo "Unpacking for the tests, into .tools/ (nothing is installed):" $packages >&2
    rm -rf "$into"
    mkdir -p "$into/packages"
    fetch "$PWD/$into/packages" $packages || return 1
    for package in "$into"/packages/*.deb; do
        dpkg-deb --extract "$package" "$into"
    done
}

# .tools/bin/$1 starts the program that follows, with the libraries that were unpacked beside it.
starts() {
    name=$1
    shift
    libraries=$(find "$PWD/.tools/$name" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
    mkdir -p .tools/bin
    {
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec' "'$libraries'"
        printf " '%s'" "$@"
        printf ' "$@"\n'
    } >".tools/bin/$name"
    chmod 755 ".tools/bin/$name"
}

unpack_nginx() {
    sentence="The tests need nginx's program (no service): install it so that 'nginx' starts it (on Debian and Ubuntu: sudo apt-get install nginx)."
    [ "${WITHOUT:-}" != nginx ] && .tools/bin/nginx -v 2>/dev/null && return 0
    unpack nginx nginx || fail "$sentence"
    starts nginx "$PWD/.tools/nginx/usr/sbin/nginx"
    .tools/bin/nginx -v 2>/dev/null || fail "$sentence"
}

has_curl() { "$1" -m 2>/dev/null | grep -qx curl; }

unpack_php() {
    sentence="The tests need PHP with its extension curl: install it so that 'php' starts it (on Debian and Ubuntu: sudo apt-get install php-cli php-curl)."
    [ "${WITHOUT:-}" != php ] && has_curl .tools/bin/php && return 0
    unpack php php-cli php-curl || fail "$sentence"
    # Without the settings of whatever PHP may be installed.
    starts php "$PWD"/.tools/php/usr/bin/php[0-9]* -n -d "extension=$(find "$PWD/.tools/php" -name curl.so)"
    has_curl .tools/bin/php || fail "$sentence"
}

if missing chromium chromium-browser google-chrome; then install_chromium; fi
if missing nginx; then unpack_nginx; fi
if missing php || ! has_curl php; then unpack_php; fi
