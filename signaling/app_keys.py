"""What the application holds for its handlers."""

from aiohttp import web

from rtc_server.base.supervisor import Supervisor
from rtc_server.delivery.site_health import SiteWatch
from rtc_server.front.admission import Admission
from rtc_server.front.ice_door import IceDoor
from rtc_server.front.placement import Placement
from rtc_server.store.store import Store
from signaling.access.auth import Auth
from signaling.access.gate import Gate
from signaling.access.limits import Refusals
from signaling.http.etags import ETags
from signaling.http.request import Bodies
from signaling.http.streams import Strangers, Streams
from signaling.ice.directory import IceDirectory
from signaling.ice.watch import TurnWatch
from signaling.live.board import Board
from signaling.pictures.rest_clients import RestClients
from signaling.pictures.sessions import PictureSessions
from signaling.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
DOOR = web.AppKey("door", IceDoor)
"""Where browsers connect by TCP; of this machine's workers only."""
PLACEMENT = web.AppKey("placement", Placement)
ADMISSION = web.AppKey("admission", Admission)
PICTURE_SESSIONS = web.AppKey("picture_sessions", PictureSessions)
REST_CLIENTS = web.AppKey("rest_clients", RestClients)
BOARD = web.AppKey("board", Board)
AUTH = web.AppKey("auth", Auth)
GATE = web.AppKey("gate", Gate)
REFUSALS = web.AppKey("refusals", Refusals)
STORE = web.AppKey("store", Store)
ICE = web.AppKey("ice", IceDirectory)
BODIES = web.AppKey("bodies", Bodies)
STRANGERS = web.AppKey("strangers", Strangers)
ETAGS = web.AppKey("etags", ETags)
STREAMS = web.AppKey("streams", Streams)
SITE = web.AppKey("site", SiteWatch)
SUPERVISOR = web.AppKey("supervisor", Supervisor)
TURN = web.AppKey("turn", TurnWatch)
