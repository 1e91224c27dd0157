"""The generated certificate: trusted through its authority, for the names of this machine, renewed in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from p2c.errors import ConfigurationError
from p2c.identity.certificates import generated_files, own_files

NOW = datetime(2025, 3, 31, tzinfo=UTC)


def names(path: Path) -> list[str]:
    """The names that a certificate is for."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in found]


def test_the_certificate_is_for_this_machine_and_the_given_names(tmp_path: Path) -> None:
    files = generated_files(tmp_path, ["0.0.0.0", "erp.example.com", "192.0.2.7"], NOW)
    assert {"localhost", "127.0.0.1", "::1", "erp.example.com", "192.0.2.7"} <= set(names(files.certificate))
    assert "0.0.0.0" not in names(files.certificate)


def test_the_certificate_is_signed_by_its_authority(tmp_path: Path) -> None:
    files = generated_files(tmp_path, [], NOW)
    assert files.authority is not None
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    x509.load_pem_x509_certificate(files.certificate.read_bytes()).verify_directly_issued_by(authority)


def test_the_key_is_for_this_user_only(tmp_path: Path) -> None:
    files = generated_files(tmp_path, [], NOW)
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in files.key.parent.iterdir()) == ["ca.pem", "server.key", "server.pem"]


def test_a_good_certificate_stays(tmp_path: Path) -> None:
    before = generated_files(tmp_path, ["erp.example.com"], NOW).certificate.read_bytes()
    assert generated_files(tmp_path, [], NOW + timedelta(days=300)).certificate.read_bytes() == before


@pytest.mark.parametrize(("extra", "days"), [(["new.example.com"], 0), ([], 380), ([], 500)])
def test_a_certificate_that_lacks_a_name_or_time_is_made_anew(tmp_path: Path, extra: list[str], days: int) -> None:
    before = generated_files(tmp_path, [], NOW).certificate.read_bytes()
    assert generated_files(tmp_path, extra, NOW + timedelta(days=days)).certificate.read_bytes() != before


def test_own_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one = generated_files(tmp_path / "one", [], NOW)
    other = generated_files(tmp_path / "other", [], NOW)
    assert own_files(one.certificate, one.key).key == one.key
    with pytest.raises(ConfigurationError, match="cannot be used"):
        own_files(one.certificate, other.key)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        own_files(one.certificate, tmp_path / "none.key")
