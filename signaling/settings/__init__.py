"""The service's settings: read once from the environment and a file, checked together, frozen.

Names are those of the deployed service; ``.env.example`` lists every one with its default.
"""

from signaling.settings.env_file import Environment
from signaling.settings.load import SettingsError, load, read, resembling
from signaling.settings.settings import Settings

__all__ = ["Environment", "Settings", "SettingsError", "load", "read", "resembling"]
