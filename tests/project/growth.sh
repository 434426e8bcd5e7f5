#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: growth.sh SOURCE: bench/growth.py and bench/drift.py divide what a program tells them, here one that makes its times up.
# Exit code 77: no Python here.
set -eu
command -v python3 >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cat >"$folder/nephos" <<'END'
#!/bin/sh
command=$1
for word; do
    case ${last:-} in
    --batch) batch=$word ;;
    --out) out=$word ;;
    --epochs) epochs=$word ;;
    esac
    last=$word
done
case $command in
bench) echo "{\"device\": \"made up\", \"results\": [{\"seconds\": 0.0$batch}]}" ;;
synth) mkdir "$out" && : >"$out/split.csv" ;;
train)
    mkdir "$out"
    echo epoch,images_per_second >"$out/history.csv"
    for epoch in $(seq "$epochs"); do
        echo "epoch $epoch" >&2
        echo "$epoch,$((100 * epoch))" >>"$out/history.csv"
    done
    sleep 0.2 # still there while its memory is read
    ;;
esac
END
chmod +x "$folder/nephos"
expect() { # PATTERN FILE
    grep -qE -- "$1" "$2" || { echo "no '$1' in:"; cat "$2"; exit 1; }
}
python3 "$1/bench/growth.py" --nephos "$folder/nephos" --batches 2,4 --sizes 100x100,100x200 --batch 3 >"$folder/growth"
expect '^4 +40.00 +10.000 +1.00$' "$folder/growth"
expect '^100x100 +30.00 +1000.000 +2.00$' "$folder/growth"
if [ -r /proc/self/status ]; then
    python3 "$1/bench/drift.py" --nephos "$folder/nephos" --steps 300 >"$folder/drift"
    expect '^201-300 +13.33 ' "$folder/drift" # 4 images at 300 a second
    expect '^last/second +0.667 ' "$folder/drift"
fi
for wrong in 'growth.py --sizes 128' 'growth.py --batches x' 'growth.py --batches none --sizes none' 'drift.py --steps 250' \
    'drift.py --steps 1'; do
    if python3 "$1/bench/"$wrong --nephos "$folder/nephos" >/dev/null 2>&1; then echo "accepted: $wrong"; exit 1; fi
done
if python3 "$1/bench/growth.py" --nephos /bin/false >/dev/null 2>&1; then echo "a program that fails is not told"; exit 1; fi
