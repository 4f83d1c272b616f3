"""Public files that are downloaded when somebody asks for them, checked by hash, and kept."""

from __future__ import annotations

import logging
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import platformdirs

CHUNK = 2**17
TIMEOUT = 30.0


@dataclass(frozen=True)
class PublicFile:
    """A file on the web: what it is, where, its hash ("md5:…" or "sha256:…"), bytes, licence and source."""

    title: str
    url: str
    hash: str
    size: int
    licence: str
    cite: str


# Version 1.1 of the record. Zenodo publishes the MD5; size and MD5 are those of the record's files as other
# projects quote them, and were not taken from a download of our own.
TNBC = PublicFile(
    title="TNBC tiles of Naylor et al.",
    url="https://zenodo.org/records/2579118/files/TNBC_NucleiSegmentation.zip",
    hash="md5:1605712a752b201b57eacc8f866adb4f",
    size=25_232_361,
    licence="CC BY 4.0",
    cite="Naylor, Laé, Reyal, Walter, IEEE TMI 2019, doi:10.5281/zenodo.2579118",
)


class Canceled(Exception):
    """Somebody pressed *Cancel* while a file came."""


def fetch(file: PublicFile, folder: Path | None = None) -> Path:
    """Return where a public file lies, and download it first where it is not there or was damaged.

    The window stays alive: a thread downloads, napari's activity dock shows how far it is and can cancel it.
    A file with another hash is not kept.

    Parameters
    ----------
    file : PublicFile
        What to fetch.
    folder : Path, optional
        Where it is kept; the user's cache by default.

    Raises
    ------
    ConnectionError
        If the server cannot be reached, breaks off, or does not have the file; one sentence.
    ValueError
        If what came is not the file, by its hash.
    Canceled
        If it was canceled.
    """
    from napari.utils import cancelable_progress

    place = folder or Path(platformdirs.user_cache_dir("napari-sharpgan")) / "samples"
    bar, follower = cancelable_progress(total=file.size, desc=file.title), _Follower()
    found: Future[Path] = Future()
    Thread(target=_settle, args=(found, file, place, follower), daemon=True).start()
    try:
        while not wait([found], timeout=0.05).done:
            bar.n = min(follower.count, file.size)
            bar.display()  # in a window this also handles its events
            if bar.is_canceled:
                follower.canceled = True
                raise Canceled(f"the download of {file.title} was canceled")
    finally:
        bar.close()
    return found.result()


def _settle(found: Future[Path], file: PublicFile, place: Path, follower: _Follower) -> None:
    """Download, and hand on what came of it, to the thread that waits for it."""
    try:
        found.set_result(_download(file, place, follower))
    except Exception as error:  # noqa: BLE001 - raised again by the one who asked
        found.set_exception(error)


def _download(file: PublicFile, place: Path, follower: _Follower) -> Path:
    """Let pooch download and check a file; say in one sentence why it could not."""
    import pooch  # with requests 0.2 s, which only this needs
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    parts = urlsplit(file.url)
    load = pooch.HTTPDownloader(progressbar=follower, chunk_size=CHUNK, timeout=TIMEOUT)
    try:
        name = Path(parts.path).name
        return Path(pooch.retrieve(file.url, file.hash, fname=name, path=place, downloader=load))
    except requests.HTTPError as error:
        raise ConnectionError(f"{parts.netloc} does not hand out {file.title}: {error}") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise ConnectionError(f"{parts.netloc} broke off in the middle of {file.title}; try again") from error
    except requests.RequestException as error:
        raise ConnectionError(
            f"{file.title} could not be fetched: {parts.netloc} cannot be reached; go online, or download "
            f"{file.url} by hand into {place}"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"what {parts.netloc} sent is not {file.title}: its hash is not {file.hash}; it was not kept"
        ) from error


class _Follower:
    """What pooch takes for a progress bar: counts bytes, and ends a download that was canceled."""

    def __init__(self) -> None:
        self.total = 0
        self.count = 0
        self.canceled = False

    def update(self, count: int) -> None:
        """Take note of ``count`` bytes more."""
        if self.canceled:
            raise Canceled("the download was canceled")
        self.count += count

    def reset(self) -> None:
        """Begin again: pooch ends by counting all of it a second time."""
        self.count = 0

    def close(self) -> None:
        """Have nothing to close."""
