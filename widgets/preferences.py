"""What the program remembers: theme, recent files, how the window was arranged. A small JSON file.

It lives in the user's configuration folder (`NETLOOM_HOME` overrides where). A file that cannot be read is
set aside, never overwritten silently; a preference of the wrong type falls back to its default alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.files.atomic import write_text

MOST_RECENT = 12
ThemeName = Literal["system", "dark", "light"]


class Preferences(BaseModel):
    """Everything that is remembered, with its default."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    theme: ThemeName = Field(default="dark", title="Theme", description="Dark, light, or as the desktop is set.")
    view_budget: float = Field(
        default=0.05, title="Views may cost", description="The share of the training time that watching may take.",
        ge=0.01, le=0.5, json_schema_extra={"step": 0.01},
    )  # fmt: skip
    text_size: float = Field(
        default=1.0, title="Text size", description="Size of all text, relative to the system's font.",
        ge=0.7, le=2.0, json_schema_extra={"step": 0.05},
    )  # fmt: skip
    keys: dict[str, list[str]] = Field(default={}, json_schema_extra={"hidden": True})
    recent: list[str] = Field(default=[], json_schema_extra={"hidden": True})
    geometry: str = Field(default="", json_schema_extra={"hidden": True})
    workspace: str = Field(default="Train", json_schema_extra={"hidden": True})
    sizes: dict[str, list[int]] = Field(default={}, json_schema_extra={"hidden": True})
    views: dict[str, list[list[str]]] = Field(default={}, json_schema_extra={"hidden": True})


def home(kind: Literal["config", "data"] = "config") -> Path:
    """The folder of preferences ("config") or of recovery files ("data")."""
    override = os.environ.get("NETLOOM_HOME")
    if override:
        return Path(override) / kind
    import platformdirs

    found = platformdirs.user_config_dir if kind == "config" else platformdirs.user_data_dir
    return Path(found("Netloom", appauthor=False))


def load(path: Path | None = None) -> Preferences:
    """The preferences on disk, or the defaults."""
    path = path or home() / "preferences.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError):
        with suppress(OSError):
            path.replace(path.with_suffix(".unreadable.json"))
        return Preferences()
    return _tolerant(values if isinstance(values, dict) else {})


def save(preferences: Preferences, path: Path | None = None) -> None:
    """Writes the preferences in one step. Raises OSError."""
    path = path or home() / "preferences.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(preferences.model_dump(mode="json"), indent=1, ensure_ascii=False))


def remember(preferences: Preferences, path: Path) -> None:
    """Puts a project on top of the recent ones."""
    first = str(path.resolve())
    preferences.recent = [first, *(other for other in preferences.recent if other != first)][:MOST_RECENT]


def _tolerant(values: Mapping[str, Any]) -> Preferences:
    """The preferences without the values that are not valid."""
    try:
        return Preferences.model_validate(values)
    except ValidationError as error:
        bad = {fault["loc"][0] for fault in error.errors()}
        return Preferences.model_validate({key: value for key, value in values.items() if key not in bad})
