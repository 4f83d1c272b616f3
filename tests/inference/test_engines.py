import subprocess
import sys

import pytest
import torch

from napari_sharpgan.inference import choose_engine, engines
from napari_sharpgan.light.engine import VARIABLE

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def there(monkeypatch):
    """Let OpenVINO be there or not, whatever is installed, and no variable speak for another engine."""
    monkeypatch.delenv(VARIABLE, raising=False)
    return lambda is_there: monkeypatch.setattr(engines, "find_spec", lambda name: is_there or None)


def test_a_cpu_gets_openvino_where_it_is_installed(there):
    there(True)
    assert choose_engine(CPU).name == "openvino"
    there(False)
    engine = choose_engine(CPU)
    assert (engine.name, engine.why) == ("torch", "since OpenVINO, twice as fast on CPUs, is not installed")


@pytest.mark.parametrize(
    ("device", "settings", "why"),
    [
        (CUDA, {}, "since the device is cuda"),
        (CPU, {"precision": "float32"}, "since the number format was asked for"),
        (CPU, {"known": False}, "since the network is none of ours"),
        (CPU, {"engine": "torch"}, "as was asked for"),
    ],
)
def test_torch_runs_what_openvino_is_not_for(there, monkeypatch, device, settings, why):
    there(True)
    monkeypatch.setattr(engines, "is_faster_in_bfloat16", lambda device: True)
    engine = choose_engine(device, **settings)
    assert (engine.name, engine.why) == ("torch", why)


def test_bfloat16_where_the_device_is_faster_with_it(there, monkeypatch):
    there(True)
    for fast in (True, False):
        monkeypatch.setattr(engines, "is_faster_in_bfloat16", lambda device, fast=fast: fast)
        assert choose_engine(CPU).bfloat16 is fast
        assert choose_engine(CPU, precision="bfloat16").bfloat16
        assert not choose_engine(CPU, precision="float32").bfloat16
        assert choose_engine(CPU, known=False).dtype == torch.float32


def test_the_environment_stands_for_auto_alone(there, monkeypatch):
    there(True)
    monkeypatch.setenv(VARIABLE, "torch")
    assert choose_engine(CPU).name == "torch"
    assert choose_engine(CPU, engine="openvino").name == "openvino"
    monkeypatch.setenv(VARIABLE, "abacus")
    with pytest.raises(ValueError, match=r"SHARPGAN_ENGINE.*'abacus'; choose one of auto, torch, openvino"):
        choose_engine(CPU)


def test_openvino_cannot_be_had_on_a_gpu_or_where_it_is_missing(there):
    there(True)
    with pytest.raises(ValueError, match=r"OpenVINO runs networks on CPUs.* the device is cuda"):
        choose_engine(CUDA, precision="float32", engine="openvino")
    there(False)
    with pytest.raises(ValueError, match="not installed"):
        choose_engine(CPU, engine="openvino")


def test_the_words_name_device_library_and_format(there):
    there(True)
    assert choose_engine(CPU, precision="float32", engine="openvino").words.endswith(", OpenVINO, float32")


def test_openvino_is_imported_without_its_telemetry():
    pytest.importorskip("openvino", reason="the extra 'fast' is not installed")
    script = (
        "import sys; from napari_sharpgan.light.engine import import_openvino; "
        "import_openvino(); print([n for n, m in sys.modules.items() if m and n.startswith('openvino_tel')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
