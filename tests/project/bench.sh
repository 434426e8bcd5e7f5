#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: bench.sh SOURCE: the comparison with PyTorch reads its options, and says what is missing. Exit code 77: no Python here.
set -eu
command -v python3 >/dev/null || exit 77
script=$1/bench/compare_pytorch.py
python3 "$script" --help | grep -q -- --nephos
for wrong in '--what sideways' '--what layers' '--runs 0'; do
    if python3 "$script" --nephos /bin/true $wrong 2>/dev/null; then echo "accepted: $wrong"; exit 1; fi
done
if ! python3 -c 'import torch' 2>/dev/null; then
    code=0
    python3 "$script" --nephos /bin/true >/dev/null 2>&1 || code=$?
    [ "$code" = 2 ] || { echo "without PyTorch the code is $code, must be 2"; exit 1; }
fi
