"""Blend generators of one training into one: the weighted mean of their weights, statistics taken anew.

    python benchmarks/blend_generators.py DATA OUT A.safetensors=0.65 B.safetensors=0.35 [--stain-of IMAGE]

DATA is the folder that they were trained on: batch-norm statistics are those of 160 crops of it, and its
"validation" images say the score of the blend. The discriminator is that of the first.
"""

import argparse
from pathlib import Path

import torch

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource
from napari_sharpgan.data.sample import stain_of
from napari_sharpgan.formats import read_image
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.rendering import load_discriminator, load_generator, read_card, save_generator
from napari_sharpgan.training import GanConfig, survey
from napari_sharpgan.training.batches import TensorBatch
from napari_sharpgan.training.held_out import HeldOutImages
from napari_sharpgan.training.trainer import settle

CROPS, BATCH, JITTER = 160, 16, 0.2


def blended(parts):
    generators = [load_generator(path) for path, _ in parts]
    states = [generator.state_dict() for generator in generators]
    whole = sum(share for _, share in parts)
    for name, value in states[0].items():
        if value.is_floating_point():
            mean = sum(state[name] * (share / whole) for state, (_, share) in zip(states, parts, strict=True))
            value.copy_(mean)
    return generators[0]


def settled(generator, samples):
    """Take the statistics of batch norms anew, over crops like those of the training."""
    crops = CropSource(samples, CONDITION_MAPS[generator.condition], stain_jitter=JITTER)
    config = GanConfig(batch_size=BATCH, seed=5)

    def show(number):
        batch = TensorBatch.drawn(crops, config, number, torch.device("cpu"), range(BATCH))
        with torch.autocast("cpu", torch.bfloat16):
            generator(batch.condition, batch.noise, batch.stain)

    return settle(generator, show, range(CROPS // BATCH))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("parts", nargs="+", help="PATH=SHARE")
    parser.add_argument("--stain-of", type=Path, help="image whose stain becomes the default one")
    options = parser.parse_args()
    parts = [(part.rpartition("=")[0], float(part.rpartition("=")[2])) for part in options.parts]
    found = run_to_end(survey(options.data))
    generator = settled(blended(parts), found.train)
    if options.stain_of is not None:
        generator.stain = tuple(stain_of(read_image(options.stain_of)).tolist())
        generator.settings["stain"] = generator.stain
    card = read_card(parts[0][0])
    card["blend"] = [[read_card(path).get("step"), share] for path, share in parts]
    if found.validation:
        scores = HeldOutImages(found.validation).look(generator, torch.device("cpu")).scores
        card |= {f"held_out_{name}": value for name, value in scores.items()}
        print(scores)
    discriminator = load_discriminator(parts[0][0])
    save_generator(generator, options.out, discriminator=discriminator, half=True, card=card)


if __name__ == "__main__":
    main()
