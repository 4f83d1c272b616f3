import json
from importlib import metadata

import numpy as np

from napari_sharpgan.formats import read_provenance, write_image
from napari_sharpgan.rendering import synthetic_note, weights_hash


def test_it_says_what_made_the_picture(tiny_generator):
    stain = np.array([0.123456, 0.2, 0.3, 0.4, 0.5, 0.6], np.float32)
    note = synthetic_note(tiny_generator, seed=7, nuclei="n.geojson", stain=stain)
    assert note == {
        "synthetic": True,
        "software": f"napari-sharpgan {metadata.version('napari-sharpgan')}",
        "generator": "tiny",
        "weights_sha256": weights_hash(tiny_generator),
        "seed": 7,
        "nuclei": "n.geojson",
        "stain": [0.1235, 0.2, 0.3, 0.4, 0.5, 0.6],
    }


def test_a_network_that_is_no_file_is_known_by_its_type():
    class Ink: ...

    note = synthetic_note(Ink())
    assert (note["generator"], note["weights_sha256"]) == ("Ink", None)


def test_pictures_carry_it(tiny_generator, tmp_path):
    note = synthetic_note(tiny_generator)
    for name in ("t.png", "t.tif"):
        write_image(np.zeros((4, 5, 3), np.uint8), tmp_path / name, note)
        assert read_provenance(tmp_path / name) == json.loads(json.dumps(note))
