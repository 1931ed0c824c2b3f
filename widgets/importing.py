"""Importing in the window: another program's file, or a class of one's own code, becomes the open project.

Reading and comparing run beside the window; what they do stands in the quiet bar, with a button that ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from graphs.files.faults import FileFault
from widgets import preferences
from widgets.jobs import Job

if TYPE_CHECKING:
    from graphs.files.python_files import SourceFile
    from studio.importing.importing import Arrival, Wanted
    from widgets.panels.class_dialog import ClassDialog
    from widgets.window import Window

FILES = "Models of other programs (*.onnx *.pt2 *.py)"
REPORT = "What came of it"
Again = Callable[[BaseException], bool]
"""Asks anew after this fault; whether it does."""


class Cancelled(Exception):
    """A person does not want it any more."""


class Importing:
    """The part of the window that imports."""

    _import: Job | None = None
    _given_up: Event | None = None

    @property
    def importing(self) -> bool:
        """Whether an import is under way."""
        return self._import is not None

    def ask_import(self: Window) -> None:
        """Ask which file to import."""
        folder = str(Path(self.preferences.recent[0]).parent) if self.preferences.recent else ""
        found, _ = QFileDialog.getOpenFileName(self, "Import", folder, FILES)
        if found:
            self.import_file(found)

    def import_file(self: Window, text: str | Path) -> bool:
        """Import a file, or a class named as net.py:Net; whether that has begun. What is wrong stands in the quiet
        bar."""
        from studio.importing.importing import wanted

        self.cancel_import()
        try:
            found = wanted(text)
        except ValueError as fault:
            self.say("error", str(fault))
            return False
        if found.what in ("project", "ours"):
            return self.open(found.path or text)
        if found.what == "class":
            self._look_at_class(found)
        else:
            self._begin_import(str(found.path), found.title)
        return True

    def import_changed(self: Window, path: Path) -> bool:
        """Import what another program has made of a file of ours; that this has begun."""
        self.cancel_import()
        self._begin_import(str(path), path.stem)
        return True

    def cancel_import(self: Window) -> None:
        """End the import that is under way; nothing comes of it."""
        if self._given_up is not None:
            self._given_up.set()
        if self._import is not None:
            self._import.cancel()
            self._import.deleteLater()
            self._import = None
            self._nothing_came()

    # A class

    def _look_at_class(self: Window, found: Wanted) -> None:
        """Read the files of a class, and show them."""

        def read(_report: object) -> tuple[list[SourceFile], tuple[str, ...], bool]:
            from studio.owncode.classes import check_class, classes_in, files_of
            from studio.owncode.trust import unknown

            name, files = files_of(found)
            first = files[name]
            if found.name:
                check_class(first, found.name)
            shown = [first, *(file for file in files.values() if file is not first)]
            return shown, (found.name,) if found.name else classes_in(first), not unknown(shown)

        self._run_import(read, partial(self._show_class, found), f"Reading {found.title}")

    def _show_class(
        self: Window, found: Wanted, read: tuple[list[SourceFile], tuple[str, ...], bool]
    ) -> ClassDialog | None:
        from widgets.panels.class_dialog import ClassDialog

        files, classes, known = read
        self.notice.hide()
        if not classes:
            self._import_failed(ValueError(f"{files[0].path.name} holds no class that could be a network."))
            return None
        dialog = ClassDialog(files, classes, self, known=known)
        dialog.agreed.connect(partial(self._allow, files))
        dialog.wanted.connect(lambda *given: self._begin_class(found, (files, classes, True), dialog.typed(), *given))
        dialog.rejected.connect(self._nothing_came)
        dialog.open()
        return dialog

    def _allow(self: Window, files: list[SourceFile]) -> None:
        from studio.owncode.trust import allow

        try:
            allow(files)
        except FileFault as fault:
            self.say("error", str(fault))

    def _begin_class(
        self: Window,
        found: Wanted,
        read: tuple[list[SourceFile], tuple[str, ...], bool],
        typed: tuple[str, str, str],
        name: str,
        inputs: Sequence[str],
        given: Mapping[str, Any],
    ) -> None:
        """Import the class; what is wrong with it is told where that can be mended."""

        def again(fault: BaseException) -> bool:
            from studio.owncode.trust import NotAgreed
            from studio.terminal.speech import sentence

            if isinstance(fault, NotAgreed):  # the file is another one than was shown
                return False
            dialog = self._show_class(found, read)
            if dialog is not None:
                dialog.show_again(typed, sentence(fault))
            return dialog is not None

        place = str(found.path) if found.path is not None else found.module
        self._begin_import(f"{place}:{name}", name, inputs, given, again)

    # Reading

    def _begin_import(
        self: Window,
        text: str,
        title: str,
        inputs: Sequence[str] = (),
        arguments: Mapping[str, Any] | None = None,
        again: Again | None = None,
    ) -> None:
        def read(report: Callable[[float, str], None]) -> tuple[Arrival, str]:
            from studio.importing.importing import import_file

            arrival = import_file(text, inputs=inputs, arguments=arguments, progress=report)
            return arrival, arrival.words()

        self._run_import(read, partial(self._arrived, text), f"Importing {title}", again)

    def _run_import(
        self: Window,
        work: Callable[[Callable[[float, str], None]], Any],
        done: Callable[[Any], None],
        words: str,
        again: Again | None = None,
    ) -> None:
        given_up = self._given_up = Event()
        job = self._import = Job(self)  # type: ignore[arg-type]

        def careful(report: Callable[[float, str], None]) -> Any:
            def told(share: float, said: str = "") -> None:
                if given_up.is_set():
                    raise Cancelled
                report(share, said)

            told(0.0)
            return work(told)

        def end(result: Any) -> None:
            self._import = None
            job.deleteLater()
            done(result)

        job.progressed.connect(lambda share, said: self._show_import(share, said or words))
        job.done.connect(end)
        job.failed.connect(lambda fault: self._import_failed(fault, again))
        self._show_import(0.0, words)
        job.start(careful, "import")

    def _show_import(self: Window, share: float, words: str) -> None:
        if self._import is not None:
            said = f"{words} · {share:.0%}" if share > 0 else words
            self.say("info", said, "Cancel", self.cancel_import)

    def _import_failed(self: Window, fault: object, again: Again | None = None) -> None:
        from studio.terminal.speech import sentence

        self._import = None
        if isinstance(fault, BaseException) and not isinstance(fault, Cancelled):
            if again is not None and again(fault):
                return
            self._nothing_came()
            self.say("error", sentence(fault))

    def _nothing_came(self: Window) -> None:
        """No project is there, and none comes: back to the start page."""
        self.notice.hide()
        if self.desk is None and self._begun:
            self.show_start()

    # Afterwards

    def _arrived(self: Window, text: str, result: tuple[Arrival, str]) -> None:
        arrival, words = result
        if not self.may_leave():
            self._nothing_came()
            return
        self.preferences.workspace = "Design"
        self.show_project(arrival.project)
        if Path(text).is_file():
            preferences.remember(self.preferences, Path(text))
            self.remember_soon()
        self.say("good", words, REPORT, partial(self._report_import, arrival, None))
        if arrival.reference is not None:
            self._compare_import(arrival, words)

    def _compare_import(self: Window, arrival: Arrival, words: str) -> None:
        """Compare with the original while the canvas can be used; said where it is still spoken of."""

        def compare(_report: object) -> float | None:
            from studio.importing.likeness import likeness

            return likeness(arrival)

        def say(apart: float | None) -> None:
            from studio.importing.likeness import told

            if self.project is arrival.project and self.notice.text() == words and apart is not None:
                said = f"{words} {told(apart)}"
                self.say("good", said, REPORT, partial(self._report_import, arrival, apart))

        job = Job(self.desk)
        job.done.connect(say)
        job.start(compare, "likeness")

    def _report_import(self: Window, arrival: Arrival, apart: float | None) -> None:
        from widgets.panels.import_report import ImportReport

        ImportReport(arrival, apart, self).open()
