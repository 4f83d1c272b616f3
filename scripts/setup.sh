#!/bin/sh
# Make ready what `make run`, `make test` and `make check` need: .venv and, but for `check`, system packages.
# When all is there it ends at once; what an interrupted call left behind is made good by the next.
#
#     scripts/setup.sh run|test|check
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-test}
python=${PYTHON:-python3}
venv=.venv
state=$venv/.setup # the key of a finished set-up, or "unfinished"
extras=gui,fast,cluster,dev
case ${QT_API:-} in [Pp][Yy][Qq][Tt]6) extras=$extras,pyqt6 ;; esac # beside PyQt5, which gui brings
PATH=$PATH:/usr/sbin:/sbin
unset PYTHONHOME PYTHONPATH
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

# Debian's package : the library or program by which it is known to be there.
needs="
    xvfb:Xvfb
    xauth:xauth
    libgl1:libGL.so.1
    libglib2.0-0:libglib-2.0.so.0
    libdbus-1-3:libdbus-1.so.3
    libfontconfig1:libfontconfig.so.1
    libxcb-icccm4:libxcb-icccm.so.4
    libxcb-image0:libxcb-image.so.0
    libxcb-keysyms1:libxcb-keysyms.so.1
    libxcb-render-util0:libxcb-render-util.so.0
    libxcb-shape0:libxcb-shape.so.0
    libxcb-xinerama0:libxcb-xinerama.so.0
    libxkbcommon-x11-0:libxkbcommon-x11.so.0
"
case $extras in *,pyqt6) needs="$needs libegl1:libEGL.so.1 libxcb-cursor0:libxcb-cursor.so.0" ;; esac

say() {
    printf '==> %s\n' "$*"
}

die() {
    printf 'napari-sharpgan: %s\n' "$*" >&2
    exit 1
}

main() {
    if is_ready; then
        return
    fi
    if is_usable; then take_lock $venv/bin/python; else check_python && take_lock "$python"; fi
    install_packages "$(missing_packages | paste -s -d ' ' -)"
    is_finished || make_venv
}

check_python() {
    found=$("$python" --version 2>&1) || found=none
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        die "expected Python 3.11 or newer as '$python', found $found; name another with: make PYTHON=..."
}

is_ready() {
    [ -z "$(missing_packages)" ] && is_finished
}

# ---- system packages

missing_packages() {
    is_usable || "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    if [ "$(uname)" != Linux ] || [ "$purpose" = check ]; then
        return
    fi
    libraries=$(ldconfig -p 2>/dev/null || true)
    for need in $needs; do
        is_there "${need#*:}" || is_spared "${need%%:*}" || echo "${need%%:*}"
    done
}

is_there() {
    case $1 in
        *.so.*) case $libraries in *"$1 "*) return 0 ;; *) return 1 ;; esac ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# With a display of their own, people who may not install packages do without a virtual one.
is_spared() {
    [ "$purpose" = run ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$(id -u)" != 0 ] || return 1
    case $1 in xvfb | xauth) return 0 ;; *) return 1 ;; esac
}

install_packages() {
    [ -n "$1" ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "Going on without what Debian calls: $1"
        return
    fi
    [ "$(id -u)" = 0 ] ||
        die "system packages are missing; install them, then call make again: sudo apt-get update && sudo apt-get install -y $1"
    say "Installing system packages: $1"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if { dpkg --configure -a && apt-get update -q && apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $1; } </dev/null >"$log" 2>&1 9>&-; then
        rm -f "$log"
        return
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install $1; the lines above say why"
}

# ---- virtual environment

# The folder, a sum of all that says what to install (settings of tools, which come last, do not), the extras.
key() {
    echo "$(pwd -P) $(sed '/^\[tool\./,$d' pyproject.toml | cat - constraints.txt | cksum) $extras"
}

# With an extra more than is wanted it is finished too.
is_finished() {
    [ -f "$state" ] && case $(cat "$state") in "$(key)" | "$(key),"*) is_usable ;; *) return 1 ;; esac
}

is_usable() {
    [ -x $venv/bin/python ] && [ "$(cat "$state" 2>/dev/null)" != unfinished ] && lies_here &&
        $venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# The programs in a virtual environment stop working when its folder is moved.
lies_here() {
    [ ! -f "$state" ] || case $(cat "$state") in "$(pwd -P) "*) return 0 ;; *) return 1 ;; esac
}

# Held by this script and what it starts until they end, however they end.
take_lock() {
    exec 9>>.setup.lock
    "$1" -c '
import fcntl
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("==> Waiting for another set-up that is under way", flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
'
}

make_venv() {
    is_usable || create_venv
    wanted=$(key)
    echo unfinished >"$state"
    say "Installing Python packages into $venv (the first time about 2 GB, which takes a minute or more)"
    install_with_uv || {
        say "uv could not do it, trying pip"
        $venv/bin/python -m pip install -c constraints.txt -e ".[$extras]"
    } || die "the Python packages could not be installed; the lines above say why"
    echo "$wanted" >"$state"
    say "Set-up is done"
}

create_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "'$python' cannot make virtual environments: its modules venv and ensurepip are missing"
    say "Making a virtual environment in $venv with $("$python" --version 2>&1)"
    rm -rf $venv
    mkdir $venv
    echo unfinished >"$state"
    "$python" -m venv $venv
}

install_with_uv() {
    $venv/bin/python -m pip install --quiet uv || return 1
    quiet=
    [ -t 2 ] || quiet=--quiet
    (
        hand_over find-links UV_FIND_LINKS ,
        hand_over index-url UV_DEFAULT_INDEX ' '
        hand_over extra-index-url UV_INDEX ' '
        hand_over constraint UV_CONSTRAINT ' '
        hand_over cert SSL_CERT_FILE ' '
        export UV_INDEX_STRATEGY=unsafe-best-match UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
        $venv/bin/uv pip install $quiet --python $venv/bin/python -c constraints.txt -e ".[$extras]"
    )
}

# uv does not read pip's settings: tell it those that say where packages come from.
hand_over() {
    value=$($venv/bin/python -m pip config list |
        sed -nE "s/\\\\n/ /g; s/^(:env:|global|install)\.$1=['\"] *(.*)['\"]\$/\2/p" |
        head -n 1 | tr -s ' ' "$3")
    [ -z "$value" ] || export "$2=$value"
}

main
