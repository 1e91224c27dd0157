"""Make `.venv` hold exactly what `uv.lock` says, on a machine that has Python and perhaps nothing else.

Debian splits ensurepip and pip off Python, so both may be missing: then the pip wheel named in `uv.lock` is
fetched from the package index and checked against its locked hash. Pip installs the locked uv, and uv all the
rest. Where uv cannot download (pip may know a mirror that uv does not), pip installs the same versions.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells the user that their Python is older
    sys.exit("bootstrap: Python 3.11 or newer is needed; name one so: make install PYTHON=/usr/bin/python3.12")

import hashlib
import html
import os
import re
import ssl
import subprocess
import tempfile
import tomllib
import urllib.parse
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / ".synced"
DOWNLOAD_SECONDS = 60


class BootstrapError(Exception):
    """A reason to stop: one line that names what failed and the way out."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A package of `uv.lock`: the hash of each of its wheels, by file name."""

    name: str
    version: str
    wheels: dict[str, str]

    @property
    def requirement(self) -> str:
        """The line of a requirements file that lets pip install this version and these files only."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash={each}" for each in self.wheels.values())])


def main() -> None:
    """Bring `.venv` in step with `uv.lock` and leave the stamp that the Makefile compares."""
    STAMP.unlink(missing_ok=True)
    pip, uv = read_lock("pip"), read_lock("uv")
    if not succeeds(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        make_venv()
    with tempfile.TemporaryDirectory() as folder:
        if not is_installed(pip) or not is_installed(uv):
            install_tools(pip, uv, Path(folder))
        if not sync_with_uv():
            print("bootstrap: uv did not finish; installing the same locked versions with pip", flush=True)
            sync_with_pip(Path(folder))
    STAMP.touch()


def read_lock(name: str) -> LockedPackage:
    """The package of that name in `uv.lock`."""
    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    found = next(package for package in packages if package["name"] == name)
    wheels = {wheel["url"].rpartition("/")[2]: wheel["hash"] for wheel in found["wheels"]}
    return LockedPackage(name, found["version"], wheels)


def make_venv() -> None:
    """A new `.venv`, with pip in it where this Python brings a working ensurepip."""
    venv.create(VENV, clear=True, symlinks=True)
    succeeds(PYTHON, "-m", "ensurepip")


def is_installed(package: LockedPackage) -> bool:
    """Whether `.venv` holds the locked version of the package."""
    question = f"from importlib.metadata import version; assert version({package.name!r}) == {package.version!r}"
    return succeeds(PYTHON, "-c", question)


def install_tools(pip: LockedPackage, uv: LockedPackage, folder: Path) -> None:
    """The locked pip and uv, by whichever pip there is, and so by the user's pip configuration."""
    requirements = folder / "tools.txt"
    requirements.write_text(f"{pip.requirement}\n{uv.requirement}\n", encoding="utf-8")
    has_pip = succeeds(PYTHON, "-m", "pip", "--version")
    installer = ["-m", "pip"] if has_pip else [fetch_wheel(pip, folder) / pip.name]
    run(PYTHON, *installer, "install", "--quiet", "--require-hashes", "-r", requirements)


def fetch_wheel(package: LockedPackage, folder: Path) -> Path:
    """The package's wheel from PIP_INDEX_URL's index, or PyPI's; its hash must be the locked one."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    page_address = f"{index}/{package.name}/"
    page = download(page_address).decode("utf-8")
    links = [urllib.parse.urljoin(page_address, html.unescape(link)) for link in re.findall(r'href="([^"#]+)', page)]
    for link in links:
        file_name = Path(urllib.parse.urlsplit(link).path).name
        if file_name in package.wheels:
            content = download(link)
            if f"sha256:{hashlib.sha256(content).hexdigest()}" != package.wheels[file_name]:
                raise BootstrapError(f"{link} is not the file that uv.lock names (hash differs); try another index")
            (folder / file_name).write_bytes(content)
            return folder / file_name
    raise BootstrapError(f"{page_address} has no {package.name} {package.version}; set PIP_INDEX_URL to one that has")


def download(address: str) -> bytes:
    """What is at the address, over the proxy and certificates of the environment."""
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    try:
        with urllib.request.urlopen(address, timeout=DOWNLOAD_SECONDS, context=context) as response:
            return bytes(response.read())
    except (OSError, ValueError) as error:
        raise BootstrapError(
            f"cannot read {address} ({error}); check the network, https_proxy, PIP_INDEX_URL"
        ) from None


def sync_with_uv() -> bool:
    """Install everything by uv from the addresses in the lock file; whether it went well.

    With the system's certificates, as pip and git use them, so that a company's proxy needs no more settings.
    """
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    return subprocess.run([UV, "sync", "--frozen", "--quiet"], cwd=ROOT, env=environment, check=False).returncode == 0


def sync_with_pip(folder: Path) -> None:
    """Install everything by pip, through the index, proxy and certificates that pip is configured for."""
    requirements = folder / "locked.txt"
    run(UV, "export", "--frozen", "--offline", "--quiet", "--no-emit-project", "--output-file", requirements)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def run(*command: str | Path) -> None:
    """Run to its end, its own messages shown."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        line = " ".join(map(str, command))
        raise BootstrapError(
            f"this failed: {line}; the lines above say why (no network? set https_proxy, PIP_INDEX_URL)"
        )


def succeeds(*command: str | Path) -> bool:
    """Whether the command is there and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main()
    except (BootstrapError, OSError) as error:
        sys.exit(f"bootstrap: {error}")
