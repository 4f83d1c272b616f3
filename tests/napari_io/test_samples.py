"""Sample data; what comes from the web comes from a server of this test."""

import hashlib
import io
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan import napari_io, rendering
from napari_sharpgan.napari_io import downloads
from napari_sharpgan.napari_io.downloads import TNBC, Canceled, fetch
from napari_sharpgan.napari_io.samples import tnbc_tile


def test_the_sample_is_the_same_each_time():
    ((first, _, kind),) = napari_io.sample_nuclei()
    ((second, _, _),) = napari_io.sample_nuclei()
    assert kind == "labels"
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first)) > 100


def test_the_sample_tissue_is_rendered_from_its_nuclei_and_marked_synthetic(monkeypatch):
    monkeypatch.setattr(
        rendering, "render", lambda labels: np.repeat(labels[..., None], 3, -1).astype(np.uint8)
    )
    monkeypatch.setattr(rendering, "synthetic_note", lambda nuclei: {"synthetic": True, "nuclei": nuclei})
    (tissue, attributes, kind), (labels, _, _) = napari_io.sample_tissue()
    assert kind == "image"
    assert attributes["metadata"] == {"synthetic": True, "nuclei": "sample nuclei"}
    np.testing.assert_array_equal(tissue[..., 0], labels.astype(np.uint8))


# ---- from the web


def png(pixels):
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="PNG")
    return content.getvalue()


RGB = np.random.default_rng(0).integers(0, 256, (6, 7, 3)).astype(np.uint8)
MASK = np.zeros((6, 7), np.uint8)
MASK[0:2, 0:2] = MASK[2:3, 2:4] = 255  # they touch at a corner: one nucleus
MASK[4:6, 4:7] = 255


@pytest.fixture(scope="module")
def archive():
    """The bytes of an archive as the authors of TNBC made theirs, with what macOS leaves in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("__MACOSX/TNBC_NucleiSegmentation/Slide_01/01_1.png", b"rubbish")
        file.writestr("TNBC_NucleiSegmentation/Slide_01/01_1.png", png(np.dstack([RGB, MASK])))
        file.writestr("TNBC_NucleiSegmentation/GT_01/01_1.png", png(MASK))
        file.writestr("../escaped.png", png(MASK))
    return content.getvalue()


@pytest.fixture
def server(archive):
    """A web server: ``/whole.zip``, ``/cut.zip`` (breaks off), ``/slow.zip`` (never ends), else 404."""
    asked, leave = [], Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path not in ("/whole.zip", "/cut.zip", "/slow.zip"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(archive)))
            self.end_headers()
            self.wfile.write(archive if self.path == "/whole.zip" else archive[: len(archive) // 2])
            if self.path == "/slow.zip":
                self.wfile.flush()
                leave.wait(20)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, daemon=True).start()
    http.asked = asked
    yield http
    leave.set()
    http.shutdown()
    http.server_close()


def on(server, name, archive):
    """Return the public file of that name on the server."""
    return replace(
        TNBC,
        title="the test file",
        url=f"http://127.0.0.1:{server.server_port}/{name}",
        hash="md5:" + hashlib.md5(archive).hexdigest(),
        size=len(archive),
    )


def test_a_file_is_downloaded_once_and_checked_each_time(server, archive, tmp_path):
    file = on(server, "whole.zip", archive)
    path = fetch(file, tmp_path)
    assert path.read_bytes() == archive
    assert fetch(file, tmp_path) == path
    assert len(server.asked) == 1
    path.write_bytes(archive[:-1])
    assert fetch(file, tmp_path).read_bytes() == archive
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("name", "change", "error", "words"),
    [
        (
            "whole.zip",
            {"hash": "md5:" + "0" * 32},
            ValueError,
            "not the test file: its hash is not md5:000",
        ),
        ("cut.zip", {}, ConnectionError, "broke off in the middle of the test file; try again"),
        ("gone.zip", {}, ConnectionError, "does not hand out the test file: 404"),
        (
            "",
            {"url": "http://127.0.0.1:9/a.zip"},
            ConnectionError,
            "cannot be reached; go online, or",
        ),
    ],
)
def test_what_fails_is_one_sentence_and_nothing_is_kept(
    name, change, error, words, server, archive, tmp_path
):
    with pytest.raises(error, match=words) as failed:
        fetch(replace(on(server, name, archive), **change), tmp_path)
    assert "\n" not in str(failed.value)
    assert list(tmp_path.iterdir()) == []


def test_a_download_can_be_canceled_while_the_server_keeps_silent(server, archive, tmp_path, monkeypatch):
    from napari.utils import cancelable_progress

    def shown(bar):
        if server.asked:
            bar.cancel()  # as the button in the activity dock does

    monkeypatch.setattr(cancelable_progress, "display", lambda bar, **_: shown(bar))
    with pytest.raises(Canceled, match="the download of the test file was canceled"):
        fetch(on(server, "slow.zip", archive), tmp_path)


def test_a_tile_of_the_archive_opens_with_its_nuclei(server, archive, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_sharpgan.napari_io.samples.TNBC", on(server, "whole.zip", archive))
    monkeypatch.setattr(downloads.platformdirs, "user_cache_dir", lambda _: str(tmp_path))
    image, labels = napari_io.sample_tnbc()
    np.testing.assert_array_equal(image[0], RGB)
    assert image[1]["metadata"]["licence"] == "CC BY 4.0"
    np.testing.assert_array_equal(labels[0] > 0, MASK > 0)
    assert labels[0].max() == 2
    assert not (tmp_path / "escaped.png").exists()


def test_an_archive_without_the_tile_is_one_sentence(archive, tmp_path):
    (tmp_path / "a.zip").write_bytes(archive)
    with pytest.raises(ValueError, match=r"a\.zip cannot be read as the TNBC archive"):
        tnbc_tile(tmp_path / "a.zip", "02_1")


def test_touching_regions_are_counted_as_the_paper_counts(real_data):
    import tifffile
    from skimage.measure import label

    masks = [tifffile.imread(path) > 0 for path in sorted((real_data / "tnbc" / "labels").glob("*.tif"))]
    assert sum(label(mask, connectivity=2).max() for mask in masks) == 4022
