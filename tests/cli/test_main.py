import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from napari_sharpgan.cli import COMMANDS, main
from napari_sharpgan.cli._manners import guarded


def script(*arguments, **settings):
    """Run the installed script."""
    path = Path(sys.executable).with_name("sharpgan")
    return subprocess.run(
        [path, *map(str, arguments)], capture_output=True, text=True, check=False, **settings
    )


def test_help_names_every_command(sharpgan):
    ended = sharpgan("--help")
    assert ended.status == 0
    assert [name for name in COMMANDS if name not in ended.out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(sharpgan, command):
    ended = sharpgan(command, "--help")
    assert ended.status == 0
    assert ended.out.startswith(f"usage: sharpgan {command}")


def test_version(sharpgan):
    assert sharpgan("--version").out == f"napari-sharpgan {metadata.version('napari-sharpgan')}\n"


def test_help_loads_nothing_that_is_slow():
    code = (
        "import sys, time; start = time.process_time();"
        "from napari_sharpgan.cli import main; main(['--help']);"
        "print(time.process_time() - start, *({'torch', 'numpy', 'scipy', 'skimage'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1].split()
    assert last[1:] == []
    assert float(last[0]) < 0.3


@pytest.mark.parametrize("command", ["nuclei", "maps", "render", "sharpness"])
def test_help_of_a_command_needs_no_torch(command):
    code = (
        f"import sys; from napari_sharpgan.cli import main; main(['{command}', '--help']);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["nuclei"], "required: OUT"),
        (["nuclei", "x.png", "--count", "many"], "--count: invalid int value: 'many'"),
        (["nuclei", "x.png", "--cou", "3"], "unrecognized arguments: --cou"),
        (["nuclei", "missing/x.png"], "the folder missing does not exist"),
        (["nuclei", "x.docx"], "unknown file type '.docx'"),
        (["nuclei", "x.png", "--count", "-5"], "count must lie between -1"),
        (["maps", "missing.png", "x.tif"], "missing.png does not exist"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(sharpgan, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    ended = sharpgan(*arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("sharpgan: ")
    assert ended.err.count("\n") == 1
    assert sentence in ended.err
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_where_a_mistake_came_from(sharpgan):
    for arguments in (["--debug", "nuclei", "x.docx"], ["nuclei", "x.docx", "--debug"]):
        ended = sharpgan(*arguments)
        assert ended.status == 2
        assert "Traceback" in ended.err
        assert ended.err.splitlines()[-1].startswith("sharpgan: unknown file type")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied", "x.png"), "x.png: Permission denied"),
        (MemoryError(), "not enough memory"),
        (MemoryError("295 TiB"), "not enough memory (295 TiB)"),
        (ValueError("two\n  lines"), "two lines"),
        (TypeError(), "TypeError"),
        (RuntimeError("CUDA out of memory"), "CUDA out of memory"),
    ],
)
def test_errors_become_one_line(capsys, error, sentence):
    def fail():
        raise error

    assert guarded(fail) == 2
    assert capsys.readouterr().err == f"sharpgan: {sentence}\n"


def test_ctrl_c_ends_with_130(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert guarded(interrupted) == 130
    assert capsys.readouterr().err == "sharpgan: stopped\n"


def test_a_bug_is_not_hidden():
    def broken():
        return {}["key"]

    with pytest.raises(KeyError):
        guarded(broken)


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen(
        [Path(sys.executable).with_name("sharpgan"), "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""


def test_letters_that_the_terminal_does_not_know_are_no_error(tmp_path):
    done = script("nuclei", tmp_path / "n.png", "--shape", 64, 64, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr


def test_the_installed_script_goes_from_nuclei_to_maps_to_tissue(tmp_path, tiny_generator):
    nuclei, tissue = tmp_path / "n.geojson", tmp_path / "t.tif"
    steps = [
        ("nuclei", nuclei, "--shape", 90, 100, "--count", 5, "--seed", 3),
        ("maps", nuclei, tmp_path / "maps"),
        ("render", nuclei, tissue, "--generator", tiny_generator, "--device", "cpu"),
        ("sharpness", tissue, nuclei, "--csv", tmp_path / "table.csv"),
    ]
    for step in steps:
        done = script(*step)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "n.geojson",
        "n_binary.tif",
        "n_contour.tif",
        "n_distance.tif",
        "t.tif",
        "table.csv",
    ]


def test_arguments_of_the_process_are_the_default(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sharpgan", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("napari-sharpgan")
