"""The thread beside the window."""

import os
import sys
import threading

import pytest

from napari_sharpgan.widgets._run import Background


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_it_gives_way_to_the_thread_of_the_window_and_what_it_starts_does_too(qtbot):
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def job():
        found = [niceness()]
        thread = threading.Thread(target=lambda: found.append(niceness()))
        thread.start()
        thread.join()
        return found

    background, heard = Background(), []
    background.done.connect(heard.append)
    background.submit(job)
    qtbot.waitUntil(lambda: bool(heard))
    assert min(heard[0]) > niceness()
