#!/bin/sh
# Measures PyTorch, ONNX Runtime and OpenVINO beside Percept on the same exported graphs. The peers
# go into a virtual environment under .build/peers; nothing else is touched.
set -eu
cd "$(dirname "$0")/.."
peers=.build/peers
if [ ! -e "$peers/installed" ]; then
    python3 -m venv "$peers"
    # PERCEPT_TORCH names another wheel of PyTorch, such as one without CUDA (PyPI's is several gigabytes).
    "$peers/bin/pip" install --quiet "${PERCEPT_TORCH:-torch}" onnxruntime openvino onnx numpy
    touch "$peers/installed"
fi
${SWIFT:-swift} build -c release --package-path Benchmarks --product bench
mkdir -p .build/peers-graphs
Benchmarks/.build/release/bench export .build/peers-graphs
exec "$peers/bin/python" -B Scripts/peers.py Benchmarks/.build/release/bench .build/peers-graphs \
    --model models/live.safetensors "$@"
