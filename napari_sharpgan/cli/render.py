"""``sharpgan render``: synthetic tissue of a file of nuclei."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._paths import add_nuclei_arguments, check_output, read_labels
from napari_sharpgan.formats import read_image, write_image

if TYPE_CHECKING:
    from napari_sharpgan.rendering import RenderStep

PICTURES = dict.fromkeys((".png", ".tif", ".tiff"))


def add_arguments(parser: ArgumentParser) -> None:
    """Add nuclei, the picture, and how it is made."""
    add_nuclei_arguments(parser)
    parser.add_argument(
        "out", metavar="OUT", type=Path, help=f"the picture, marked as synthetic: {', '.join(PICTURES)}"
    )
    parser.add_argument(
        "--generator",
        metavar="NAME|PATH",
        help="a generator in resources/ or a .safetensors file, such as checkpoints/best.safetensors "
        "of a run (default: the shipped one)",
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cuda, mps or cpu (default: auto, the first that is there)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="variation of the texture (default: 0)"
    )
    parser.add_argument(
        "--stain-of",
        type=Path,
        metavar="IMAGE",
        help="render in the colors of this image (default: what the generator was trained on)",
    )


def run(options: Namespace) -> int:
    """Render, window by window, and write the picture with its provenance."""
    check_output(options.out, PICTURES, inputs=(options.nuclei, options.stain_of))
    labels = read_labels(options.nuclei, options.shape)
    stain_image = None if options.stain_of is None else read_image(options.stain_of)

    from tqdm import tqdm

    from napari_sharpgan.data import stain_of
    from napari_sharpgan.rendering import (
        Renderer,
        load_generator,
        render_windows,
        synthetic_note,
    )

    generator = load_generator(options.generator)
    stain = None if stain_image is None else stain_of(stain_image).tolist()
    if stain is not None and generator.stain is None:
        raise ValueError("this generator was trained without stains, so --stain-of has nothing to act on")
    renderer = Renderer(generator, device=options.device, stain=stain)
    with tqdm(unit="window", desc="render", disable=None) as bar:

        def show(step: RenderStep) -> None:
            bar.total = step.total
            bar.update(step.done - bar.n)

        tissue = run_to_end(render_windows(labels, renderer, seed=options.seed), show)
    note = synthetic_note(options.generator, seed=options.seed, nuclei=options.nuclei.name, stain=stain)
    write_image(tissue, options.out, note)
    size = f"{labels.shape[0]} × {labels.shape[1]} pixels"
    print(f"{options.out}: {size}, rendered by {note['generator']} on {renderer.engine.words}")
    return 0
