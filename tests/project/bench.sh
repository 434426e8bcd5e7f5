#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: bench.sh SOURCE: the comparison with PyTorch measures both sides in turn, and says what is missing. Both sides are stubs: neither
# PyTorch nor a device is needed. Exit code 77: no Python here.
set -eu
command -v python3 >/dev/null || exit 77
source=$(cd "$1" && pwd)
stub=$source/tests/project/stub
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PYTHONDONTWRITEBYTECODE=1 STUB_LOG="$folder/log"

fail()
{
    echo "$*"
    cat out 2>/dev/null
    exit 1
}
compare()
{
    : >"$STUB_LOG"
    PYTHONPATH=$stub python3 "$source/bench/compare_pytorch.py" --nephos "$stub/nephos" --seconds 0.001 --json report.json "$@" >out 2>&1
}
holds()
{
    python3 -c "import json; r = json.load(open('report.json')); assert $1, r" || fail "does not hold: $1"
}

# Options.
python3 "$source/bench/compare_pytorch.py" --help | grep -q -- --nephos
for wrong in '--what sideways' '--what layers' '--rounds 4' '--precision fp8' '--without eager' '--infer-batch 0' \
    '--nephos /nonexistent'; do
    if compare $wrong; then fail "accepted: $wrong"; fi
done

# Both sides in turn, as often, after a run of nephos that is not counted and one that warms up PyTorch.
compare --what infer --infer-batch 2 --without compiled,frozen,onnxruntime,jemalloc || fail "infer"
[ "$(uniq log | tr '\n' ' ')" = "nephos torch $(printf 'nephos torch %.0s' 1 2 3 4 5)" ] || fail "not in turn: $(uniq log | tr '\n' ' ')"
holds "[len(side['seconds']) for side in r['steps'][0]['sides']] == [5, 5]"
holds "abs(r['steps'][0]['sides'][0]['images_per_second'] - 2 / 0.4) < 1e-9"
holds "r['steps'][0]['sides'][0]['device_bytes'] == 3 << 20 and r['steps'][0]['sides'][0]['peak_bytes'] > 0"
holds "r['nephos'] == {'device': 'stub device', 'driver': 'stub driver 1.2'} and r['pytorch'] == 'stub' and r['pytorch_threads'] == 3"
for word in 'stub device, stub driver 1.2' 'PyTorch stub' '3 threads' 'matrix product' 'PyTorch eager' 'the best'; do
    grep -q "$word" out || fail "does not say: $word"
done

# What one side can't do is left out, and said.
compare --what train,infer --precision fp32,fp16 --without jemalloc || fail "train"
holds "[(s['what'], s['batch']) for s in r['steps']] == [('train', 4), ('infer', 1), ('infer', 4)]"
holds "[side['name'] for side in r['steps'][1]['sides']] == ['nephos', 'PyTorch eager', 'PyTorch frozen']"
holds "any(l['setting'] == 'PyTorch compiled' and 'no compiler' in l['why'] for l in r['left_out'])"
holds "any(l['setting'] == 'nephos' and 'no matrix units' in l['why'] and l['precision'] == 'fp16' for l in r['left_out'])"

# What is measured is kept when a side fails later, in the middle of its rounds.
STUB_STOP=8 compare --what infer --without compiled,frozen,onnxruntime,jemalloc || fail "infer, then a failure"
holds "[(s['what'], s['batch']) for s in r['steps']] == [('infer', 1)]"
holds "any(l['what'] == 'infer' and 'the stub stops' in l['why'] for l in r['left_out'])"

# Layers: the fastest kernel that computes in the precision asked for, beside the ceilings.
printf '# shapes\nlayer,cin,cout,kernel,stride,padding,h_in,w_in,more\nfirst,3,8,3,2,1,16,24,x\ntotal,,,,,,,,\n' >layers.csv
compare --what layers --layers layers.csv --batch 1 || fail "layers"
holds "[row['kernel'] for row in r['layers']] == ['software-fast', 'baseline', 'baseline']"
holds "abs(r['layers'][0]['nephos_seconds'][0] - 0.1) < 1e-9"
holds "r['layers'][0]['flop'] == 2 * 8 * 12 * 3 * 8 * 9 and r['layers'][0]['bytes'] == 4 * (3 * 16 * 24 + 8 * 8 * 12 + 3 * 8 * 9)"
grep -q 'first .*software-fast' out || fail "no row"

# Without PyTorch.
mkdir none
echo 'raise ImportError("none here")' >none/torch.py
code=0
PYTHONPATH=none python3 "$source/bench/compare_pytorch.py" --nephos "$stub/nephos" >out 2>&1 || code=$?
[ "$code" = 2 ] || fail "without PyTorch the code is $code, must be 2"
grep -q python3-torch out || fail "does not say what to install"
