"""Where weights, pictures and icon lie: beside the package in a checkout, inside it when installed."""

from pathlib import Path

SHIPPED = "sharpgan-organs"  # the generator that is taken where none is named
SEGMENTERS = "segmenters"  # folder in resources/


def resources() -> Path:
    """Return the folder ``resources``."""
    package = Path(__file__).resolve().parent
    for folder in (package / "resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"the folder 'resources' lies neither in {package} nor beside it; install napari-sharpgan again"
    )


def shipped_segmenters() -> dict[str, Path]:
    """Return the segmenters in ``resources/segmenters/`` by name; a list of files, as of generators."""
    return {path.stem: path for path in sorted((resources() / SEGMENTERS).glob("*.safetensors"))}


def shipped_generators() -> dict[str, Path]:
    """Return the generators in ``resources/`` by name; a list of files, for which torch is not needed."""
    return {path.stem: path for path in sorted(resources().glob("*.safetensors"))}
