#!/bin/sh
# Measures PyTorch, ONNX Runtime and OpenVINO beside Percept on the same exported graphs, and FAISS beside its
# memories ("--only memory" for that alone). The peers go into a virtual environment under .build/peers; nothing else is touched.
set -eu
cd "$(dirname "$0")/.."
peers=.build/peers
if [ ! -e "$peers/installed-2" ]; then
    python3 -m venv "$peers"
    # PERCEPT_TORCH names another wheel of PyTorch, such as one without CUDA (PyPI's is several gigabytes).
    "$peers/bin/pip" install --quiet "${PERCEPT_TORCH:-torch}" onnxruntime openvino onnx numpy faiss-cpu
    touch "$peers/installed-2"
fi
${SWIFT:-swift} build -c release --package-path Benchmarks --product bench
case "$*" in
"--only memory"*)
    shift 2
    exec "$peers/bin/python" -B Scripts/peers-memory.py Benchmarks/.build/release/bench "$@"
    ;;
esac
mkdir -p .build/peers-graphs
Benchmarks/.build/release/bench export .build/peers-graphs
[ $# -gt 0 ] || "$peers/bin/python" -B Scripts/peers-memory.py Benchmarks/.build/release/bench
exec "$peers/bin/python" -B Scripts/peers.py Benchmarks/.build/release/bench .build/peers-graphs \
    --model models/live.safetensors "$@"
