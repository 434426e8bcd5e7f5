#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: header.sh SOURCE_DIR CC: the public header stands alone, in C11 and in C++17 (where there is a C++ compiler).
cd "$1" || exit 1
flags="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -Iinclude"
"$2" -std=c11 $flags tests/project/header.c || exit 1
if ! command -v c++ >/dev/null; then
    echo "no C++ compiler: the C++ half is skipped"
    exit 77
fi
c++ -std=c++17 $flags -x c++ tests/project/header.c
