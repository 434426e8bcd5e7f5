#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: structure.sh SOURCE_DIR
# Dependencies point one way, Vulkan stays in src/gpu, the program sees the public header only, the library neither exits, nor
# prints, nor reads the environment.
cd "$1" || exit 1
failed=0
ruled=' cli '

# complain TEXT LINES: reports when there are any.
complain()
{
    [ -z "$2" ] && return
    printf '%s:\n%s\n\n' "$1" "$2"
    failed=1
}

# may_include FOLDER OTHERS...: FOLDER includes only itself and these.
may_include()
{
    folder=$1
    pattern=$(echo "$@" | tr ' ' '|')
    ruled="$ruled $folder "
    [ -d "src/$folder" ] || return
    complain "src/$folder may include only: $*" \
        "$(grep -nE '^#include "[a-z_]+/' "src/$folder"/*.[ch] | grep -vE "#include \"($pattern|spv)/")"
}

may_include base
may_include gpu base
may_include op gpu base
may_include net op gpu base
may_include model net op gpu base
may_include data base
may_include post base
may_include check op gpu base
may_include report data base
may_include analyze report post data base
may_include train report model net op gpu data post base

for folder in src/*/; do
    case "$ruled" in
    *" $(basename "$folder") "*) ;;
    *) complain "no rule tells what this folder may include" "$folder" ;;
    esac
done

complain "Vulkan outside src/gpu" "$(grep -rnE '#include [<"](vulkan/|volk)' src --include='*.[ch]' | grep -v '^src/gpu/')"
complain "src/cli includes more than the public header, its own folder, libc and jansson" \
    "$(grep -nE '^#include ("[a-z_]+/|<(png|jpeglib|vulkan|volk))' src/cli/*.[ch])"
complain "the library exits, prints or reads the environment" \
    "$(grep -rnE '(^|[^a-z_])(exit|_exit|abort|printf|puts|putchar|perror|getenv|secure_getenv) ?\(|(^|[^a-z_])std(out|err)[^a-z]' src --include='*.[ch]' |
        grep -vE '^src/cli/|^[^:]*:[0-9]*: *//|format\(printf')"
complain "files without a licence line" \
    "$(grep -rLE 'SPDX-License-Identifier: MIT' src include shaders tests cmake scripts --include='*.[ch]' --include='*.comp' --include='*.glsl' \
        --include='*.cmake' --include='*.sh' --include='*.def' --include=CMakeLists.txt)"
# A row of the table in docs/augmentation.md for each line of augment.def.
complain "docs/augmentation.md lacks these rows, or has them with other values" \
    "$(sed -nE 's/^AUGMENT\([a-z_]+, "([a-z-]+)", ([^,]+), ([^,]+), ([^,]+), ([^,]+), ([^,]+), ([^,]+),.*/| `--\1` | \2 to \3 | \4 | \5 | \6 | \7 |/p' \
        src/train/augment.def | while IFS= read -r row; do grep -qF "$row" docs/augmentation.md || echo "$row"; done)"
complain "files above 600 lines" "$(find src shaders -name '*.[ch]' -o -name '*.comp' | xargs wc -l | awk '$1 > 600 && $2 != "total"')"
exit $failed
