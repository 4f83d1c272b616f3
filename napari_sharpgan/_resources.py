"""Where weights, pictures and icon lie: beside the package in a checkout, inside it when installed."""

from pathlib import Path


def resources() -> Path:
    """Return the folder ``resources``."""
    package = Path(__file__).resolve().parent
    for folder in (package / "resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"the folder 'resources' lies neither in {package} nor beside it; install napari-sharpgan again"
    )
