"""Is the port free, and if not, who has it?"""

import http.client
import socket
import time

from config import csp
from config.env import ConfigurationError

PORT_TIMEOUT_SECONDS = 3.0  # seconds for the processes of a site that was just killed to be gone
TICK = 0.1  # seconds between two looks
ASKING = 1.0  # seconds for an answer of whoever listens


def require_free(host: str, port: int) -> None:
    """Return once the port can be used; raise ConfigurationError, saying who has it, if not."""
    limit = time.monotonic() + PORT_TIMEOUT_SECONDS
    while (problem := _problem(host, port)) and time.monotonic() < limit:
        time.sleep(TICK)
    if not problem:
        return
    told = f"{port} cannot be used on {host} ({problem})"
    if _is_ours(host, port):
        told += ": a Heliograph that `make run` did not start on this DATA_DIR answers there"
        remedy = f"stop that one, or write PORT={port + 1} and another DATA_DIR for a second site"
    else:
        remedy = f"stop the other program or write PORT={port + 1}"
    raise ConfigurationError("PORT", told, remedy)


def _problem(host: str, port: int) -> str:
    """Why nobody can listen there now; "" where one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _is_ours(host: str, port: int) -> bool:
    """Whether a Heliograph listens there: it says its policy with every answer, a refusal too."""
    from config import settings  # noqa: PLC0415 - a wrong value is told by whoever reads it first

    connection = http.client.HTTPConnection(host, port, timeout=ASKING)
    try:
        connection.request("GET", "/healthz/")
        said = connection.getresponse().headers.get(csp.HEADER)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return said == csp.build_policy(settings.SECURE_CSP)
