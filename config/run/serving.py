"""How many threads a web worker has, and for what."""

DJANGO_THREADS = 4  # more only wait for each other on the interpreter lock
BODY_THREADS = 8  # more that may wait for what visitors send; kept pages are answered by any
WEB_THREADS = DJANGO_THREADS + BODY_THREADS

HEADER_TIMEOUT = 10_000  # milliseconds a visitor may take for the headers of a request
