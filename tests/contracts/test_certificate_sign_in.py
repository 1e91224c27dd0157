"""The connector signs in with a certificate: an authority that knows its public half alone gets proof of the key."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from p2c.errors import ConfigurationError
from p2c.identity.certificates import generated_files
from p2c.odata.client.credentials import Application, ApplicationCredential

CLIENT = "00000000-0000-0000-0000-0000000000aa"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Authority:
    """An identity service of one tenant, `t`, that takes assertions which the registered key has signed."""

    def __init__(self, data: Path) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.thumbprint = hashlib.sha1(b"the certificate", usedforsecurity=False).hexdigest()
        self.forms: list[dict[str, str]] = []
        files = generated_files(data, [], datetime.now(UTC))
        assert files.authority is not None
        self.trust = files.authority
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def token_url(self) -> str:
        """Where tokens are given."""
        return f"{self.url}/t/oauth2/v2.0/token"

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """A token for an assertion that holds."""
        self.forms.append(form)
        try:
            jwt.decode(form["client_assertion"], self.key.public_key(), ["RS256", "PS256"], audience=self.token_url)
        except jwt.InvalidTokenError as error:
            return 401, {"error": "invalid_client", "error_description": f"AADSTS700027: {error}"}
        return 200, {"access_token": f"token {len(self.forms)}", "token_type": "Bearer", "expires_in": 3600}

    def _handler(authority) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                base = f"{authority.url}/t"
                self.answer(
                    200,
                    {
                        "issuer": f"{base}/v2.0",
                        "token_endpoint": authority.token_url,
                        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    },
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*authority.give({name: values[0] for name, values in parse_qs(body).items()}))

            def answer(self, status: int, content: dict[str, object]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    running = Authority(tmp_path_factory.mktemp("authority"))
    yield running
    running.server.shutdown()
    running.server.server_close()


def credential(authority: Authority, key: rsa.RSAPrivateKey) -> ApplicationCredential:
    """The connector's credential with a private key."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return ApplicationCredential(
        Application(
            tenant="t",
            client_id=CLIENT,
            resource="https://org.example.com/",
            certificate=pem,
            thumbprint=authority.thumbprint,
            authority=authority.url,
            trust=authority.trust,
        )
    )


def test_the_key_signs_and_never_travels(authority: Authority) -> None:
    signed_in = credential(authority, authority.key)
    before = len(authority.forms)
    first = asyncio.run(signed_in.token())
    assert first == f"token {before + 1}"

    form = authority.forms[-1]
    assert (form["client_assertion_type"], form["scope"]) == (ASSERTION, "https://org.example.com/.default")
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert (claims["iss"], claims["sub"]) == (CLIENT, CLIENT)
    thumbprint = jwt.get_unverified_header(form["client_assertion"])["x5t"]
    assert jwt.utils.base64url_decode(thumbprint).hex() == authority.thumbprint
    assert "PRIVATE" not in str(form)


def test_a_token_is_kept_until_another_is_asked_for(authority: Authority) -> None:
    signed_in = credential(authority, authority.key)

    async def tokens() -> list[str]:
        return [await signed_in.token(), await signed_in.token(), await signed_in.token(anew=True)]

    first, second, third = asyncio.run(tokens())
    assert first == second != third


def test_another_key_is_refused_with_what_the_authority_says(authority: Authority) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(ConfigurationError, match="AADSTS700027") as refused:
        asyncio.run(credential(authority, other).token())
    assert "PRIVATE" not in str(refused.value)
