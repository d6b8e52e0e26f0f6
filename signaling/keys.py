"""What the application holds for its handlers."""

from aiohttp import web

from rtc_server.store.store import Store
from rtc_server.worker.admission import Admission
from rtc_server.worker.placement import Placement
from signaling.auth import Auth
from signaling.door import Door
from signaling.ice_directory import IceDirectory
from signaling.limits import Refusals
from signaling.relays import Relays
from signaling.rest_clients import RestClients
from signaling.settings import Settings
from signaling.turn_watch import TurnWatch

SETTINGS = web.AppKey("settings", Settings)
PLACEMENT = web.AppKey("placement", Placement)
ADMISSION = web.AppKey("admission", Admission)
RELAYS = web.AppKey("relays", Relays)
REST_CLIENTS = web.AppKey("rest_clients", RestClients)
AUTH = web.AppKey("auth", Auth)
DOOR = web.AppKey("door", Door)
REFUSALS = web.AppKey("refusals", Refusals)
STORE = web.AppKey("store", Store)
ICE = web.AppKey("ice", IceDirectory)
TURN = web.AppKey("turn", TurnWatch)
