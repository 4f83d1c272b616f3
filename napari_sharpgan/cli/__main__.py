"""``python -m napari_sharpgan.cli``: the command ``sharpgan``, also for torchrun."""

import sys

from napari_sharpgan.cli import main

if __name__ == "__main__":
    sys.exit(main())
