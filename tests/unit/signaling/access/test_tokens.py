"""Which session tokens are read, and which are not."""

import base64
import json
import time
from contextlib import suppress

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.clock import SystemClock
from signaling.access.tokens import TokenConfig, TokenReader, mint, public_key
from signaling.http.errors import Unauthorized
from tests.fakes.site import AUDIENCE, SECRET, claims, expired_token, staff_token, token

CONFIG = TokenConfig("HS256", SECRET, AUDIENCE)


@pytest.fixture
def reader() -> TokenReader:
    return TokenReader(CONFIG, SystemClock())


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def test_a_token_says_whose_session_it_starts(reader: TokenReader) -> None:
    grant = reader.read(token())
    assert (grant.user_id, grant.module_id, grant.section_id) == ("7", "3", "2")
    assert not grant.is_staff
    assert 290 < grant.expires_at - time.time() <= 300
    reader.check_fresh(grant)


def test_numbers_as_ids_and_no_section_are_fine(reader: TokenReader) -> None:
    grant = reader.read(token(module_id=3, section_id=None))
    assert (grant.module_id, grant.section_id) == ("3", None)


@pytest.mark.parametrize(
    "ids",
    [{"section_id": "2" * 65}, {"section_id": 10**20}, {"module_id": 10**20}, {"module_id": "3\0"}],
)
def test_ids_that_no_record_can_have_are_refused_where_they_enter(
    reader: TokenReader, ids: dict[str, object]
) -> None:
    with pytest.raises(Unauthorized) as caught:
        reader.read(token(**ids))
    assert caught.value.code == "token_invalid"


@pytest.mark.parametrize("audience", [AUDIENCE + "/", [AUDIENCE, "https://other.example"]])
def test_an_audience_may_end_in_a_slash_or_be_one_of_several(
    reader: TokenReader, audience: object
) -> None:
    assert reader.read(token(aud=audience)).user_id == "7"


def test_two_tokens_are_told_apart_by_their_jti(reader: TokenReader) -> None:
    hashes = {reader.read(token(jti=jti)).token_hash for jti in ("a", "b", "a")}
    assert len(hashes) == 2


def test_an_expired_token_is_read_but_not_fresh(reader: TokenReader) -> None:
    grant = reader.read(expired_token())
    with pytest.raises(Unauthorized) as caught:
        reader.check_fresh(grant)
    assert caught.value.code == "token_expired"


def test_staff_is_limited_to_the_modules_it_names(reader: TokenReader) -> None:
    assert reader.read(staff_token()).module_ids is None
    limited = reader.read(staff_token(module_ids=["3", 4]))
    assert limited.is_staff
    assert limited.module_ids == frozenset({"3", "4"})


def refused() -> dict[str, str]:
    """Tokens that are no good, made now: the suite may have started long ago."""
    now = int(time.time())
    return {
        "another secret": token("x" * 40),
        "another audience": token(aud="https://other.example"),
        "no audience": token(aud=None),
        "no end": token(exp=None),
        "no jti": token(jti=None),
        "an empty jti": token(jti=""),
        "no subject": token(sub=None),
        "a name as subject": token(sub="ada"),
        "a negative subject": token(sub="-7"),
        "digits of another script": token(sub="\u0667"),
        "a subject with a line end": token(sub="7\n"),
        "an hour": token(exp=now + 3600),
        "an hour without its beginning": token(iat=None, exp=now + 3600),
        "from the future": token(iat=now + 600, exp=now + 900),
        "not yet": token(nbf=now + 600),
        "infinite": token(exp=float("inf")),
        "an end that is no number": token(exp="soon"),
        "a list as module": token(module_id=["3"]),
        "a truth as module": token(module_id=True),
        "staff for a week": staff_token(exp=now + 7 * 86400),
        "another HMAC": jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
        "no signature": jwt.encode(claims(), "", algorithm="none"),
        "alg None with capitals": f"{part({'alg': 'None'})}.{part(claims())}.",
        "a list": f"{part({'alg': 'HS256'})}.{part([])}.x",
        "one part": "token",
        "nothing": "",
        "no ASCII": "é.é.é",
        "nested deeply": f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.e30.x",
        "long": token() + "x" * 5000,
    }


@pytest.mark.parametrize("name", refused())
def test_other_tokens_are_invalid(reader: TokenReader, name: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        reader.read(refused()[name])
    assert caught.value.code == "token_invalid"


@given(st.text(max_size=200) | st.builds(".".join, st.lists(st.text(max_size=40), max_size=5)))
def test_no_text_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(Unauthorized):
        TokenReader(CONFIG, SystemClock()).read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted({*claims(), "role", "module_ids", "nbf"})), JSON))
def test_claims_of_any_form_are_read_or_refused(changes: dict[str, object]) -> None:
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims() | changes)}"
    signature = jwt.get_algorithm_by_name("HS256").sign(signed.encode(), SECRET.encode())
    whole = signed + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    with suppress(Unauthorized):
        grant = TokenReader(CONFIG, SystemClock()).read(whole)
        assert grant.user_id.isdecimal()
        assert grant.expires_at < time.time() + 13 * 3600


def pem(key: Ed25519PrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def test_a_public_key_reads_what_the_site_signs_with_its_own() -> None:
    key = Ed25519PrivateKey.generate()
    written_on_a_line = pem(key).replace("\n", "\\n")
    reader = TokenReader(
        TokenConfig("EdDSA", public_key(written_on_a_line), AUDIENCE), SystemClock()
    )
    assert reader.read(jwt.encode(claims(), key, algorithm="EdDSA")).user_id == "7"
    other = Ed25519PrivateKey.generate()
    with pytest.raises(Unauthorized):
        reader.read(jwt.encode(claims(), other, algorithm="EdDSA"))


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    known_to_all = pem(Ed25519PrivateKey.generate())
    reader = TokenReader(TokenConfig("EdDSA", known_to_all, AUDIENCE), SystemClock())
    head_and_claims = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    sign = jwt.get_algorithm_by_name("HS256").sign
    signature = sign(head_and_claims.encode(), known_to_all.encode())
    forged = head_and_claims + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    with pytest.raises(Unauthorized):
        reader.read(forged)


@pytest.mark.parametrize("role", [None, "staff"])
def test_what_is_minted_is_read(reader: TokenReader, role: str | None) -> None:
    given: dict[str, object] = {"sub": "7", "module_id": "3"}
    given |= {} if role is None else {"role": role}
    grant = reader.read(mint(CONFIG, given, SystemClock()))
    assert (grant.user_id, grant.is_staff) == ("7", role == "staff")
    reader.check_fresh(grant)


def test_a_secret_does_not_show() -> None:
    assert SECRET not in repr(CONFIG)
