"""The service's settings: read from the environment once, checked all at once, frozen.

Names are those of the deployed service; ``.env.example`` lists every one with its default.
"""

from signaling.settings.load import SettingsError, load
from signaling.settings.settings import Settings

__all__ = ["Settings", "SettingsError", "load"]
