# One place for daily life. `make run` and `make test` do all their own set-up on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
QT_LIBRARIES := libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libxcb-cursor0 libxcb-icccm4 \
	libxcb-keysyms1 libxcb-image0 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0
QT_WORKS := QT_QPA_PLATFORM=offscreen $(BIN)/python -c 'from PySide6.QtWidgets import QApplication; QApplication([])'

WINDOW_TOOLS := xvfb xdotool

.PHONY: setup run test window-test wild lint bench clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Netloom needs Python 3.11 or newer; say which one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(QT_WORKS) 2>/dev/null || $(MAKE) --no-print-directory qt-libraries
	@touch $@

.PHONY: qt-libraries
qt-libraries:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(QT_LIBRARIES); \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
		sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(QT_LIBRARIES); \
	fi
	@$(QT_WORKS) 2>/dev/null || { echo "Qt needs system libraries that are missing here. On Debian and Ubuntu:"; \
		echo "  sudo apt-get install $(QT_LIBRARIES)"; exit 1; }

# What the tests of the real window need; without it they are skipped, and nothing else misses it.
.PHONY: window-tools
window-tools:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(WINDOW_TOOLS); \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
		sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(WINDOW_TOOLS); \
	else false; fi >/dev/null 2>&1 || echo "The tests of the real window are skipped; they need: $(WINDOW_TOOLS)"

run: setup
	@$(BIN)/python main.py lenet-digits

TESTING := QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 PYTHONHASHSEED=0 $(BIN)/python -m pytest

# Two halves side by side, one for each core.
test: setup
	@$(MAKE) --no-print-directory -j2 -k test-one-half test-other-half

HALF := tests/graphs tests/studio/inspection tests/studio/data
.PHONY: test-one-half test-other-half
test-one-half:
	$(TESTING) $(HALF)

test-other-half:
	$(TESTING) $(addprefix --ignore=,$(HALF))

# The main gestures in the real program, with real keys and a real mouse, under Xvfb; `make test` leaves them out.
window-test: setup
	@command -v Xvfb >/dev/null && command -v xdotool >/dev/null || $(MAKE) --no-print-directory window-tools
	NETLOOM_WINDOW_TESTS=1 QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/window

# Ten thousand gestures without sense: make wild, make wild GESTURES=50000 SEED=7
wild: setup
	WILD=$$(( $(or $(GESTURES),10000) / 4 )) WILD_SEED=$(or $(SEED),1) QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 \
		$(BIN)/python -m pytest -o timeout=0 -k wild tests/widgets

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# make bench, make bench ONLY=training, make bench JSON=figures.json
bench: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json $(JSON))

# Every published architecture computes, learns, is exported and written, and those of the onnx package are read; about
# half an hour
architectures: setup
	QT_QPA_PLATFORM=offscreen NETLOOM_ARCHITECTURES=1 $(BIN)/python -m pytest tests/graphs/architectures \
		tests/graphs/exchange/from_onnx

# The reference of all layers and architectures in docs/, from their declarations
.PHONY: docs
docs: setup
	OMP_NUM_THREADS=1 PYTHONHASHSEED=0 $(BIN)/python -m graphs.reference docs

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
