"""What the settings make of an environment, each time in a process of its own."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from config import secret

ROOT = Path(__file__).resolve().parents[2]


def settings_of(tmp_path: Path, *names: str, **environment: str) -> dict[str, Any]:
    program = (
        "import json; from config import settings;"
        f"print(json.dumps({{n: getattr(settings, n, None) for n in {names!r}}}, default=str))"
    )
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=inherited | {"DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_an_https_site_locks_itself(tmp_path: Path) -> None:
    found = settings_of(
        tmp_path,
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "CSRF_TRUSTED_ORIGINS",
        "ALLOWED_HOSTS",
        "SECURE_PROXY_SSL_HEADER",
        SITE_URL="https://blog.example",
    )
    assert found == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "CSRF_TRUSTED_ORIGINS": ["https://blog.example"],
        "ALLOWED_HOSTS": ["blog.example"],
        "SECURE_PROXY_SSL_HEADER": None,
    }


def test_forwarded_headers_count_behind_a_trusted_proxy_only(tmp_path: Path) -> None:
    found = settings_of(tmp_path, "SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="10.0.0.0/8")
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_a_local_site_answers_to_every_local_name(tmp_path: Path) -> None:
    found = settings_of(tmp_path, "ALLOWED_HOSTS", "SITE_URL", "DEBUG", PORT="8055")
    assert found["SITE_URL"] == "http://127.0.0.1:8055"
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(found["ALLOWED_HOSTS"])
    assert found["DEBUG"] is False


def test_deliveries_go_through_celery_only_with_a_broker(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "SIGNALFLOW")["SIGNALFLOW"]["DISPATCH"] is None
    found = settings_of(tmp_path, "SIGNALFLOW", CELERY_BROKER_URL="redis://127.0.0.1/1")
    assert found["SIGNALFLOW"]["DISPATCH"] == "config.run.celery.dispatch"


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = settings_of(tmp_path, "SECRET_KEY")
    assert settings_of(tmp_path, "SECRET_KEY") == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_processes_starting_together_share_one_secret_key(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret.read_or_create(path), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]
