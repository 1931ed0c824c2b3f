"""Whether the system asks for as little motion as can be."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication


def still() -> bool:
    """True where motion is unwanted; older versions of Qt do not know and say False."""
    accessible = getattr(QGuiApplication.styleHints(), "accessibility", lambda: None)()
    preference = getattr(accessible, "motionPreference", lambda: None)()
    return preference is not None and "Reduce" in str(preference)
