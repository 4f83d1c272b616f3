# Each of these does all the set-up by itself and repeats it in a fraction of a second.
#   make run     open napari with the docks and a rendered sample; without a display save pictures in out/
#   make test    all checks and all tests            make test ARGS='tests/maps -x'   some of them
#   make check   ruff, mypy and the floors           make fix                         let ruff mend what it can
#   make bench   one table: ours, plain, goals        make clean                       remove what the others wrote
# PYTHON=python3.12 picks another Python, QT_API=pyqt6 PyQt6 (it is installed beside PyQt5).

PYTHON ?= python3
QT_API ?= pyqt5
export PYTHON QT_API
unexport PYTHONHOME PYTHONPATH

BIN := .venv/bin
ifeq ($(shell uname),Linux)
ON_XVFB := env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb
SCREEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,xvfb-run -a -s "-screen 0 1600x1000x24")
endif

.PHONY: help run test check fix bench clean
help:
	@sed -n 's/^# \{0,1\}//p' Makefile

run:
	@scripts/setup.sh run
	@scripts/run.sh

test: check
	@scripts/setup.sh test
ifdef ARGS
	$(ON_XVFB) $(BIN)/python -m pytest $(ARGS)
else # on all cores, but for the last: they measure how long one waits at a window
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --durations=10 -m "not gui" -n logical
	$(ON_XVFB) OMP_NUM_THREADS=1 LP_NUM_THREADS=1 $(BIN)/python -m pytest --durations=10 -m "gui and not timed" -n logical
	$(ON_XVFB) $(BIN)/python -m pytest --durations=10 -m timed
endif

check:
	@scripts/setup.sh check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix:
	@scripts/setup.sh check
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench:
	@scripts/setup.sh test
	@$(SCREEN) $(BIN)/python benchmarks/run_all.py $(ARGS)

clean:
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
