"""What the application holds for its handlers."""

from aiohttp import web

from rtc_server.forward.watch import SiteWatch
from rtc_server.store.store import Store
from rtc_server.worker.admission import Admission
from rtc_server.worker.placement import Placement
from signaling.access.auth import Auth
from signaling.access.door import Door
from signaling.access.limits import Refusals
from signaling.ice.directory import IceDirectory
from signaling.ice.watch import TurnWatch
from signaling.live.board import Board
from signaling.pictures.relays import Relays
from signaling.pictures.rest_clients import RestClients
from signaling.settings import Settings
from signaling.streams import Streams

SETTINGS = web.AppKey("settings", Settings)
PLACEMENT = web.AppKey("placement", Placement)
ADMISSION = web.AppKey("admission", Admission)
RELAYS = web.AppKey("relays", Relays)
REST_CLIENTS = web.AppKey("rest_clients", RestClients)
BOARD = web.AppKey("board", Board)
AUTH = web.AppKey("auth", Auth)
DOOR = web.AppKey("door", Door)
REFUSALS = web.AppKey("refusals", Refusals)
STORE = web.AppKey("store", Store)
ICE = web.AppKey("ice", IceDirectory)
STREAMS = web.AppKey("streams", Streams)
SITE = web.AppKey("site", SiteWatch)
TURN = web.AppKey("turn", TurnWatch)
