"""``python -m napari_sharpgan.cli``: the command ``sharpgan``, also for torchrun."""

import sys

from napari_sharpgan.cli import main

sys.exit(main())
