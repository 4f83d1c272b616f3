from dataclasses import replace

import pytest

from napari_sharpgan.data import DataFile, Manifest

A, B, C = (DataFile(f"{name}.png", f"{name}.tif", name * 64, name * 64, 9, 8, 7) for name in "abc")
BEGUN = Manifest("/data", (A, B), (C,))


def test_it_survives_json():
    given = BEGUN.to_json()
    given["train"], given["validation"] = list(given["train"]), list(given["validation"])
    assert Manifest.from_json(given, "data") == BEGUN


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Manifest("/elsewhere", (A, B), (C,)), ""),
        (Manifest("/data", (replace(A, image_sha256="d"), B), (C,)), "1 changed (a.png)"),
        (
            Manifest("/data", (replace(A, image_sha256="d", labels_sha256="e"), B), (C,)),
            "2 changed (a.png and a.tif)",
        ),
        (Manifest("/data", (A,), ()), "2 missing (b.png and c.png)"),
        (Manifest("/data", (A, B, replace(A, image="d.png")), (C,)), "1 new (d.png)"),
        (Manifest("/data", (A,), (B, C)), "1 no longer held out, or newly so (b.png)"),
        (Manifest("/data", (B, A), (C,)), "the images stand in another order"),
    ],
)
def test_it_says_what_is_other(now, told):
    assert BEGUN.changes(now) == told
