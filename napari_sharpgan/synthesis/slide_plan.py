"""All that a synthetic slide follows from, small enough to be sent to every worker."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from napari_sharpgan._checks import check_shape
from napari_sharpgan._fields import check_limits
from napari_sharpgan.formats.ome_zarr_slide import BLOCKS
from napari_sharpgan.nuclei import EndlessNuclei
from napari_sharpgan.rendering import Renderer, software, synthetic_note
from napari_sharpgan.synthesis.models import TileModel
from napari_sharpgan.synthesis.plan import renderer_here, settled

Window = tuple[slice, slice]
Block = tuple[int, int]  # row and column of a block


@dataclass(frozen=True)
class SlideSettings:
    """Settings of a synthetic slide.

    Parameters
    ----------
    generator : str
        Weights that the tissue is rendered with: a generator in resources/ or a .safetensors file; empty:
        the shipped one.
    seed : int
        The same seed and settings give the same slide, in blocks of any size and by any number of workers.
    patchiness : float
        How much crowded and sparse regions differ; 0: everywhere alike. Real tissue is nearer to 0.6, but
        where nuclei are sparse, generators that have seen few such places fall short.
    block : int
        Height and width in pixels of what is made as one job: 512, 1024, 2048, 4096 or 8192. Larger ones are
        faster and take more memory: about 1.7 GiB at 4096.
    """

    generator: str = ""
    seed: Annotated[int, {"min": 0, "max": 2_147_483_647}] = 0
    patchiness: Annotated[float, {"min": 0.0, "max": 2.0, "step": 0.1}] = 0.4
    block: Annotated[int, {"min": min(BLOCKS), "max": max(BLOCKS)}] = 4096

    def __post_init__(self) -> None:
        """Refuse values that no slide could have."""
        check_limits(self)
        if self.block not in BLOCKS:
            raise ValueError(f"block must be one of {', '.join(map(str, BLOCKS))}, got {self.block}")


@dataclass(frozen=True)
class SlidePlan:
    """Settings, and what the slide is like; every pixel follows from it.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns in pixels.
    settings : SlideSettings
        Seed, block and so on.
    model : TileModel
        Settings of nuclei, and a stain.
    weights_sha256 : str
        Hash of the generator's weights.
    """

    shape: tuple[int, int]
    settings: SlideSettings
    model: TileModel
    weights_sha256: str

    @classmethod
    def of(cls, shape: tuple[int, int], settings: SlideSettings, model: TileModel) -> "SlidePlan":
        """Return the plan of a slide; a stain is left out where the generator knows none.

        Raises
        ------
        ValueError
            If the slide has more nuclei than there are numbers for.
        """
        generator, (model,), weights_sha256 = settled(settings.generator, [model])
        plan = cls(check_shape(shape), replace(settings, generator=generator), model, weights_sha256)
        plan.nuclei()
        return plan

    def nuclei(self) -> EndlessNuclei:
        """Return the nuclei of the slide."""
        config = replace(self.model.nuclei, seed=self.settings.seed)
        return EndlessNuclei(self.shape, config, patchiness=self.settings.patchiness)

    def renderer(self, device: str) -> Renderer:
        """Return the renderer of this process, see `TilePlan.renderer`."""
        renderer = renderer_here(self.settings.generator, self.weights_sha256, device)
        return renderer.in_stain(self.model.stain)

    def blocks(self) -> list[Block]:
        """Return the blocks, row by row."""
        rows, columns = (-(-side // self.settings.block) for side in self.shape)
        return [(row, column) for row in range(rows) for column in range(columns)]

    def window(self, block: Block) -> Window:
        """Return the pixels of a block."""
        side = self.settings.block
        rows, columns = (
            slice(number * side, min((number + 1) * side, whole))
            for number, whole in zip(block, self.shape, strict=True)
        )
        return rows, columns

    def note(self) -> dict[str, Any]:
        """Return what is noted in the image: that it is synthetic, and where it comes from."""
        nuclei = f"like {self.model.like}" if self.model.like else "random"
        name = self.settings.generator or None
        return synthetic_note(name, seed=self.settings.seed, nuclei=nuclei, stain=self.model.stain)

    def to_json(self) -> dict[str, Any]:
        """Return all that the pixels follow from as a JSON object."""
        return {
            "software": software(),
            "weights_sha256": self.weights_sha256,
            "shape": list(self.shape),
            "seed": self.settings.seed,
            "patchiness": self.settings.patchiness,
            "model": self.model.to_json(),
        }
