"""Work that goes on, as a bar in napari's activity dock."""

from __future__ import annotations

from collections.abc import Callable

from napari.utils.progress import cancelable_progress


class Activity(cancelable_progress):  # type: ignore[misc]
    """A bar with the time left and a button that cancels; it stands there until it is closed.

    Parameters
    ----------
    what : str
        What is being done, in a few words.
    canceled : callable
        Is called when somebody cancels there.
    """

    total: int  # parts in all

    def __init__(self, what: str, canceled: Callable[[], object]) -> None:
        self._canceled = canceled
        self._is_closed = False
        super().__init__(desc=what, total=0)

    def cancel(self) -> None:
        """Do what the button says; napari's own waits for a loop to come around."""
        super().cancel()
        self._canceled()

    def close(self) -> None:
        """Take the bar away."""
        if not self._is_closed:
            self._is_closed = True
            super().close()

    def show(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` parts are done; of 0 in all nobody knows how many there are.

        napari turns the event loop meanwhile, so anything may have happened after that, closing too.
        """
        if not self._is_closed and self.total != total:
            self.total = total
        if not self._is_closed and total:
            self.update(done - self.n)
