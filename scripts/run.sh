#!/bin/sh
# Open napari with our docks and a rendered sample; without a display, save pictures of that in out/.
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
files="out/window.png out/tissue.png out/nuclei.geojson"

display_answers() {
    [ "$(uname)" = Linux ] || return 0
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 1
    (timeout 20 $python -c 'from qtpy.QtGui import QGuiApplication; QGuiApplication([])' || exit 1) >/dev/null 2>&1
}

if display_answers; then
    echo "==> Opening napari"
    exec $python -m napari_sharpgan
fi

command -v xvfb-run >/dev/null || {
    echo "napari-sharpgan: no display answers, and xvfb-run, which would stand in for one, is not installed" >&2
    exit 1
}
echo "==> No display answers: opening napari on a virtual one and saving what it shows"
rm -f $files
unset WAYLAND_DISPLAY
QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24" $python -m napari_sharpgan --screenshot out
for file in $files; do
    [ -s "$file" ] || {
        echo "napari-sharpgan: expected $file to be written, but it is missing or empty" >&2
        exit 1
    }
done
echo "==> Saved:"
for file in $files; do
    echo "    $(pwd)/$file"
done
