#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: install.sh SOURCE_DIR BUILD_DIR CC
# Installs into a scratch folder, moves it, and builds the example against it twice: by pkg-config and by find_package.
set -eu
source=$1 build=$2 cc=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved"
pc=$(find "$scratch/moved" -name nephos.pc)
library=$(dirname "$(dirname "$pc")")

"$cc" -std=c11 -Wall -Wextra -Werror "$source/docs/example/predict.c" -o "$scratch/by-pkg-config" \
    $(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs nephos)
cmake -G Ninja -S "$source/docs/example" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/moved" -DCMAKE_C_COMPILER="$cc" >/dev/null
cmake --build "$scratch/build" >/dev/null

# Without arguments the example tells its usage: enough to know that it starts.
for program in "$scratch/by-pkg-config" "$scratch/build/predict"; do
    code=0
    LD_LIBRARY_PATH=$library "$program" 2>"$scratch/message" || code=$?
    [ $code = 2 ] && grep -q '^usage: predict' "$scratch/message" || { echo "$program: exit code $code"; cat "$scratch/message"; exit 1; }
done
[ ! -e "$scratch/moved/bin/nephos" ] || "$scratch/moved/bin/nephos" --version
