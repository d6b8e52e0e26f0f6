"""Whose word on a client's address counts, and what is loopback."""

from ipaddress import ip_network

import pytest
from aiohttp import HttpVersion10, web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from signaling.access.address import client_address, is_loopback

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def request(peer: str, host: str = "localhost:8080", **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers={"Host": host, **named}).clone(remote=peer)


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.8, 10.0.0.7", "10.0.0.8"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", "2001:db8:1:2::/64"),
        ("", "", ""),
    ],
)
def test_a_proxy_of_ours_tells_the_client_s_address(peer: str, said: str, address: str) -> None:
    headers = {"X_Forwarded_For": said} if said else {}
    assert client_address(request(peer, **headers), PROXIES) == address


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Real_IP": "198.51.100.1"},
        {"Forwarded": 'for=6.6.6.6, for="198.51.100.1:80";proto=https'},
        {"Forwarded": 'for="198.51.100.1"'},
    ],
)
def test_proxies_have_other_words_for_it(headers: dict[str, str]) -> None:
    assert client_address(request("10.0.0.1", **headers), PROXIES) == "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("127.0.0.1", "localhost:8080"),
        ("127.0.0.1", "127.0.0.1:8080"),
        ("127.9.9.9", "LOCALHOST"),
        ("::1", "[::1]:8080"),
        ("::ffff:127.0.0.1", "eyes.localhost:8080"),
    ],
)
def test_a_program_on_this_machine_is_loopback(peer: str, host: str) -> None:
    assert is_loopback(request(peer, host))


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("192.168.0.7", "localhost"),
        ("127.0.0.1", "eyes.example.org"),
        ("127.0.0.1", "127.0.0.1.evil.example:8080"),
        ("127.0.0.1", "localhost.evil.example"),
        ("127.0.0.1", ""),
        ("127.0.0.1", "localhost%.evil.example"),
        ("127.0.0.1", "localhost@evil.example"),
        ("127.0.0.1", "localhost:80:80"),
        ("127.0.0.1", "localhost, evil.example"),
        ("127.0.0.1", " localhost"),
        ("127.0.0.1", "[::1%25.evil.example]"),
        ("127.0.0.1", "localhost."),
        ("127.0.0.1", "127.1"),
        ("", "localhost"),
    ],
)
def test_another_machine_or_name_is_not(peer: str, host: str) -> None:
    assert not is_loopback(request(peer, host))


PROXIES_SAY = [
    *("X_Forwarded_For", "X_Real_IP", "Forwarded", "Via", "CF_Connecting_IP", "CF_Ray", "CDN_Loop"),
    *("X_Forwarded_Proto", "X_Forwarded_Host", "True_Client_IP", "X_Client_IP", "Fly_Client_IP"),
    *("X_Cluster_Client_IP", "Fastly_Client_IP", "X_Envoy_External_Address", "X_Request_Id"),
    *("X_Amzn_Trace_Id", "X_Original_Host", "X_ARR_LOG_ID", "X_Azure_ClientIP", "X_ProxyUser_Ip"),
    *("X_Railway_Edge", "X_Vercel_Id", "X_Appengine_User_IP", "Max_Forwards", "Proxy_Connection"),
]


def test_nor_what_came_by_two_names_or_by_an_older_protocol() -> None:
    twice = CIMultiDict([("Host", "localhost"), ("Host", "localhost")])
    assert not is_loopback(make_mocked_request("GET", "/", headers=twice).clone(remote="::1"))
    old = make_mocked_request("GET", "/", headers={"Host": "localhost"}, version=HttpVersion10)
    assert not is_loopback(old.clone(remote="::1"))


@pytest.mark.parametrize("name", PROXIES_SAY)
def test_what_a_proxy_passes_on_is_not(name: str) -> None:
    assert not is_loopback(request("127.0.0.1", **{name: "127.0.0.1"}))
