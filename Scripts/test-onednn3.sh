#!/bin/sh
# Builds against oneDNN 3.x from PyPI, as newer Debian and Ubuntu have it, and runs the engine's
# tests with it. Everything lies under .build/onednn3.
set -eu
cd "$(dirname "$0")/.."
version=2023.2.0
folder=.build/onednn3
mkdir -p "$folder"
if [ ! -e "$folder/unpacked" ]; then
    python3 -m pip download --quiet --no-deps --dest "$folder" \
        "onednn-cpu-gomp==$version" "onednn-devel-cpu-gomp==$version"
    for wheel in "$folder"/*.whl; do
        python3 -m zipfile -e "$wheel" "$folder"
    done
    # The development wheel has the headers, the other one the library.
    ln -sfn "onednn_devel_cpu_gomp-$version.data/data/include" "$folder/include"
    ln -sfn "onednn_cpu_gomp-$version.data/data/lib" "$folder/lib"
    touch "$folder/unpacked"
fi
root=$(pwd)/$folder
LD_LIBRARY_PATH="$root/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
# Other libraries' descriptions name the system's folder, and their -L come first: the linker would
# find the system's oneDNN there.
mkdir -p "$folder/pkgconfig"
for name in libavformat libavcodec libavutil libswscale libswresample libpng libpng16 libjpeg; do
    description=$(pkg-config --variable=pcfiledir "$name")/$name.pc
    sed "s|^libdir=.*|libdir=$root/lib|" "$description" >"$folder/pkgconfig/$name.pc"
done
PKG_CONFIG_PATH="$root/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export PKG_CONFIG_PATH
${SWIFT:-swift} test -c release --scratch-path "$folder/build" \
    -Xcc "-I$root/include" -Xcc "-I$root/include/oneapi/dnnl" -Xswiftc "-L$root/lib" \
    -Xlinker -rpath -Xlinker "$root/lib" --filter ComputeTests
# Else the system's library has passed in its place.
if ! ldd "$folder"/build/release/*.xctest | grep -q 'libdnnl\.so\.3'; then
    printf 'test-onednn3: the tests were not linked with oneDNN 3\n' >&2
    exit 1
fi
