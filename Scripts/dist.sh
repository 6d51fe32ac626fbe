#!/usr/bin/env bash
# make dist: a tarball that runs on a Debian machine without Swift.
#
# Swift's own libraries are linked in; FFmpeg, oneDNN, libpng and libjpeg come from apt at run time.
set -euo pipefail

version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/mwgan/MWGAN.swift)
name=percept-$version-$(uname -m)
bin=$(swift build -c release --static-swift-stdlib --scratch-path .build/dist --show-bin-path)
for program in mwgan hoi pipeline percept-lab; do
    swift build -c release --static-swift-stdlib --scratch-path .build/dist --product "$program"
done

stage=.build/dist/stage
rm -rf "$stage"
DESTDIR=$PWD/$stage PREFIX=/$name BIN=$bin Scripts/install.sh >/dev/null
strip "$stage/$name/bin/"*
cp LICENSE README.md CHANGELOG.md "$stage/$name/"

# The packages that hold the libraries that the programs ask for, by name; what every Debian
# has (libc, libstdc++, libgcc) is left out.
packages=$(
    objdump -p "$stage/$name/bin/"* | sed -n 's/ *NEEDED *//p' |
        while read -r library; do
            path=$(ldconfig -p | sed -n "s|^\s*$library .*=> ||p" | head -n 1)
            [ -n "$path" ] || continue
            { dpkg -S "$path" || dpkg -S "$(readlink -f "$path")"; } 2>/dev/null |
                sed 's/:.*//' | head -n 1
        done | sort -u | grep -vE '^(libc6|libgcc-s1|libstdc\+\+6)$' | tr '\n' ' '
)
system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
cat >"$stage/$name/INSTALL" <<TEXT
Percept $version for $system on $(uname -m).

1. Install the libraries it uses:

       sudo apt-get install --no-install-recommends $packages

2. Run it where it is:

       bin/mwgan enhance video.mp4

   or copy bin/ and share/ to a prefix of your choice:

       cp -r bin share ~/.local/

Weights are looked up in \$PERCEPT_MODELS, beside the program, and in ../share/percept/models.
'bin/mwgan doctor' says whether anything is missing.
TEXT
mkdir -p out
tar -C "$stage" --owner=0 --group=0 --sort=name -czf "out/$name.tar.gz" "$name"
echo "out/$name.tar.gz needs: $packages"
