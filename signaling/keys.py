"""What the application holds for its handlers."""

from aiohttp import web

from rtc_server.worker.admission import Admission
from rtc_server.worker.placement import Placement
from signaling.ice_directory import IceDirectory
from signaling.relays import Relays
from signaling.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
PLACEMENT = web.AppKey("placement", Placement)
ADMISSION = web.AppKey("admission", Admission)
RELAYS = web.AppKey("relays", Relays)
ICE = web.AppKey("ice", IceDirectory)
