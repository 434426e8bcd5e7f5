# SPDX-License-Identifier: MIT
# Sourced by the scripts beside it (POSIX sh): finding and installing Debian and Ubuntu packages.

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

# Machines fresh from an image have no package lists yet.
available() { apt-cache show "$1" 2>/dev/null | grep -q '^Filename:'; }
refresh_lists() { available libc6 || as_root apt-get update -qq; }

as_root()
{
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "installing packages needs root or sudo; as root, run: $*"
    fi
}

# need REASON PACKAGE...: remembers those that are missing.
missing=''
need()
{
    reason=$1
    shift
    for package in "$@"; do
        installed "$package" && continue
        printf '  %-26s %s\n' "$package" "$reason"
        missing="$missing $package"
    done
}

# Installs what was remembered, and nothing else that is not a dependency of it.
install_missing()
{
    [ -n "$missing" ] || { echo "  nothing is missing"; return; }
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install:$missing"
    missing=''
}

need_for_build()
{
    command -v dpkg-query >/dev/null || die "this script installs Debian and Ubuntu packages; elsewhere, see README.md for what to install"
    say "Packages to install"
    need 'C compiler' gcc libc6-dev
    need 'build system' cmake ninja-build pkg-config
    need 'compiles shaders to SPIR-V' glslang-tools
    need 'Vulkan headers and loader' libvulkan-dev libvulkan1
    need 'loads Vulkan at run time' libvulkan-volk-dev
    need 'PNG and JPEG images' libpng-dev libjpeg-dev
    need 'JSON' libjansson-dev
    need 'Vulkan drivers: AMD, Intel, and one for CPUs' mesa-vulkan-drivers
}
