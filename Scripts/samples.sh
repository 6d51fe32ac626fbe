#!/usr/bin/env bash
# make samples: copies real clips and photographs out of Debian's opencv-doc into samples/debian/.
#
# The package is downloaded and unpacked, not installed, so that no root is needed. Its licences
# are in samples/debian/copyright. Nothing of it is part of Percept.
set -euo pipefail

target=samples/debian
wanted=(vtest.avi Megamind.avi Megamind_bugy.avi tree.avi messi5.jpg fruits.jpg baboon.jpg)

command -v apt-get >/dev/null 2>&1 || {
    echo "samples: error: this is no Debian; fetch the package opencv-doc from a Debian mirror" >&2
    exit 69
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "Downloading opencv-doc (about 96 MB; nothing is installed)."
download() {
    (cd "$scratch" && apt-get -o APT::Sandbox::User=root download -q opencv-doc </dev/null)
}
if ! download; then
    # A machine that never ran "apt-get update" has no lists; a private set needs no root.
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
    options=(-o APT::Sandbox::User=root -o "Dir::State::lists=$scratch/lists" -o "Dir::Cache=$scratch/cache")
    apt-get "${options[@]}" update -q </dev/null
    (cd "$scratch" && apt-get "${options[@]}" download -q opencv-doc </dev/null)
fi
dpkg -x "$scratch"/opencv-doc_*.deb "$scratch/root"

mkdir -p "$target"
cp "$scratch/root/usr/share/doc/opencv-doc/copyright" "$target/"
for name in "${wanted[@]}"; do
    found=$(find "$scratch/root" -type f \( -name "$name" -o -name "$name.gz" \) | head -n 1)
    case $found in
    '') echo "samples: warning: opencv-doc has no $name" >&2 ;;
    *.gz) gzip -dc "$found" >"$target/$name" ;;
    *) cp "$found" "$target/$name" ;;
    esac
done
ls -l "$target"
echo "Try: make run VIDEO=$target/vtest.avi"
