#!/usr/bin/env bash
# Makes a Debian machine able to build Percept: checks Swift, installs the packages that are missing.
#
#   Scripts/setup.sh           what building, running and testing need
#   Scripts/setup.sh --check   installs nothing; exits with 69 if something is missing
#   Scripts/setup.sh --browser a browser too, with which tests look at the report of a batch
#
# Asks for sudo only where packages are missing and you are not root.
set -euo pipefail

# Build: FFmpeg's libraries (video in and out), libpng and libjpeg (stills), oneDNN (convolutions), zlib
# (packed data of experiments), pkg-config (finds them). Tests: the ffmpeg program makes damaged and odd files.
packages=(
    libavformat-dev libavcodec-dev libavutil-dev libswscale-dev
    libpng-dev libjpeg-dev libdnnl-dev zlib1g-dev pkg-config ffmpeg
)

required_swift="6.0"

fail() {
    printf 'setup: error: %s\n' "$1" >&2
    exit 69
}

check_only=no
case "${1:-}" in
'') ;;
--check) check_only=yes ;;
--browser) packages+=(chromium) ;;
*) printf 'setup: error: unknown option %s; --check and --browser are known\n' "$1" >&2; exit 64 ;;
esac

# Swift comes first: nothing is installed for somebody who cannot build anyway.
if ! command -v swift >/dev/null 2>&1; then
    fail "Swift is missing. Percept needs Swift $required_swift or newer: https://www.swift.org/install/linux/"
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ -z "$version" ]; then
    fail "'swift --version' does not tell a version; is $(command -v swift) a Swift toolchain?"
fi
if [ "$(printf '%s\n%s\n' "$required_swift" "$version" | sort -V | head -n 1)" != "$required_swift" ]; then
    fail "Swift $version is too old. Percept needs Swift $required_swift or newer: https://www.swift.org/install/linux/"
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
    # Not Debian: what matters is that the libraries are found.
    missing=()
    for library in libavformat libavcodec libavutil libswscale libpng libjpeg; do
        pkg-config --exists "$library" 2>/dev/null || missing+=("$library")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        fail "this is no Debian, and pkg-config does not find: ${missing[*]}. Install their development files, and oneDNN."
    fi
    exit 0
fi

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
# Debian calls the JPEG library's files libjpeg62-turbo-dev; either name will do.
if [ ${#missing[@]} -gt 0 ] && installed libjpeg62-turbo-dev; then
    kept=()
    for package in "${missing[@]}"; do
        [ "$package" = libjpeg-dev ] || kept+=("$package")
    done
    missing=("${kept[@]+"${kept[@]}"}")
fi
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

echo "Missing Debian packages: ${missing[*]}"
if [ "$check_only" = yes ]; then
    exit 69
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
        fail "sudo is missing; as root, run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
    echo "Installing them with sudo apt-get."
fi
install_packages() {
    "${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
}
# Lists may be old or absent; they are fetched only if that is so.
if ! install_packages; then
    "${as_root[@]+"${as_root[@]}"}" apt-get update -q </dev/null
    install_packages || fail "apt-get could not install: ${missing[*]}"
fi
