"""The thread behind the window: imports torch once the window is there, then keeps shapes up to date."""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import logging
import os
import sys
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.layers.catalogue import Catalogue
from graphs.network import Network

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis

HEAVY = ("pyqtgraph", "torch", "graphs.inference.shapes", "graphs.building.build")
PAINT_S = 0.02
"""How long the window gets to paint what is in view, before the rest is looked at."""
log = logging.getLogger(__name__)


def preload_torch() -> None:
    """Let the system load torch's libraries in a call that releases the interpreter.

    Python's own import holds it meanwhile: 0.2 to 0.4 s in which no window could move. What does not work
    here (another system, another packaging) is left to the import.
    """
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations or "torch" in sys.modules:
        return
    folder = Path(found.submodule_search_locations[0]) / "lib"
    load = _system_loader()
    for name, everywhere in (("torch_global_deps", True), ("torch_python", False)):
        path = folder / _library(name)
        if load is not None and path.exists():
            load(path, everywhere)


def _library(name: str) -> str:
    if sys.platform == "win32":
        return f"{name}.dll"
    return f"lib{name}.dylib" if sys.platform == "darwin" else f"lib{name}.so"


def _system_loader() -> Callable[[Path, bool], Any] | None:
    """The system's own way to load a library; ctypes' `CDLL(path)` would hold the interpreter too."""
    if sys.platform == "win32":
        return None  # its import adds folders to the search path first; left to it
    try:
        dlopen = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError):
        return None
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
    return lambda path, everywhere: dlopen(
        os.fsencode(path), os.RTLD_NOW | (os.RTLD_GLOBAL if everywhere else os.RTLD_LOCAL)
    )


class Background(threading.Thread):
    """Analyses the newest network it was given; older ones that nobody looked at are skipped.

    Nothing here knows Qt: `take` hands over what is new, whoever asks.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(name="netloom-shapes", daemon=True)
        self._catalogue = catalogue
        self._news = threading.Condition()
        self._wanted: Network | None = None
        self._near: Collection[str] = ()
        self._glance: Analysis | None = None
        self._result: Analysis | None = None
        self._looked = True
        self._failure: BaseException | None = None
        self._closed = False
        self.preloaded = threading.Event()
        """Set once torch's libraries are loaded: from then on importing torch holds up no window."""
        self.inference: Any = None
        """The `graphs.inference.shapes.Inference`, None until torch is imported."""
        self.told: Callable[[], None] | None = None
        """Called on this thread when there is something to take."""

    @property
    def ready(self) -> bool:
        """Whether torch is imported."""
        return self.inference is not None

    def submit(self, network: Network, near: Collection[str] = ()) -> None:
        """Analyse this network, what is in view (`near`) first, and nothing that was given before and is not done."""
        with self._news:
            self._wanted, self._near, self._looked = network, near, not near
            self._news.notify()

    def take_glance(self) -> Analysis | None:
        """The newest analysis in which only what is in view is up to date, once."""
        with self._news:
            glance, self._glance = self._glance, None
            self._news.notify()
        return glance

    def await_glance(self, seconds: float) -> None:
        """Lets the thread work until it has a glance or knows that there is none, for so long at most."""
        with self._news:
            self._news.wait_for(lambda: self._looked or self._closed, seconds)

    def take(self) -> Analysis | None:
        """The newest analysis, once; raises what went wrong on the thread."""
        with self._news:
            result, self._result = self._result, None
            failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return result

    def close(self, wait: float = 10.0) -> None:
        """End the thread; an import that is under way is waited for."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self.is_alive():
            self.join(wait)

    def run(self) -> None:
        try:
            self._load()
        except ImportError as error:
            self._failure = error
            return
        while (wanted := self._next()) is not None:
            self._analyse(*wanted)

    def _load(self) -> None:
        """Import what takes long. Python's collector rests meanwhile and leaves all of it alone for good:
        walking torch's objects again and again is what freezes windows.
        """
        if self._closed:
            return
        collects = gc.isenabled()
        gc.disable()
        try:
            preload_torch()
            self.preloaded.set()
            for name in HEAVY:
                importlib.import_module(name)
            from graphs.inference.shapes import Inference

            self.inference = Inference(self._catalogue)
        finally:
            gc.freeze()
            if collects:
                gc.enable()

    def _next(self) -> tuple[Network, Collection[str]] | None:
        """The next network to analyse and what of it is in view; None at the end."""
        with self._news:
            while self._wanted is None and not self._closed:
                self._news.wait()
            network, self._wanted = self._wanted, None
            return None if self._closed or network is None else (network, self._near)

    def _analyse(self, network: Network, near: Collection[str]) -> None:
        previous = getattr(self, "_last", None)
        try:
            if previous is not None and near:
                self._look(network, previous, near)
            result = self.inference.analyse(network, previous)
        except Exception as error:
            log.exception("shapes could not be worked out")
            with self._news:
                self._failure, self._looked = error, True
                self._news.notify()
            return
        self._last = result
        with self._news:
            self._glance, self._result = None, result
            self._looked = self._looked or self._wanted is None
            self._news.notify()
        self._tell()

    def _look(self, network: Network, previous: Analysis, near: Collection[str]) -> None:
        """Hand out what is in view, and leave the interpreter to the window until it has painted that."""
        glance = self.inference.glance(network, previous, near)
        with self._news:
            if self._wanted is None:
                self._glance, self._looked = glance, True
                self._news.notify()
        if glance is None:
            return
        self._tell()
        with self._news:
            self._news.wait_for(self._may_go_on, PAINT_S)
            if self._glance is None:
                self._news.wait_for(lambda: self._wanted is not None or self._closed, PAINT_S)

    def _may_go_on(self) -> bool:
        return self._glance is None or self._wanted is not None or self._closed

    def _tell(self) -> None:
        if self.told is not None:
            self.told()
