"""Heliograph's settings, all of them.

What differs between sites comes from the environment through `config.env`, which refuses wrong
values with one sentence. Everything else is decided here, with the reason where it is not plain.
"""

from email.utils import formataddr
from pathlib import Path
from urllib.parse import urlsplit

from config import backends, env, logs, private, secret, sqlite

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The site -------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)

PORT = env.integer("PORT", 8000, low=1, high=65535)
SITE_URL = env.site_url("SITE_URL", f"http://127.0.0.1:{PORT}")
SITE_NAME = env.text("SITE_NAME", "Heliograph")
SITE_TAGLINE = env.optional_text("SITE_TAGLINE", "Writing worth the light it takes to read.")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
HTTPS = SITE_URL.startswith("https://")

# Everything the site writes lives here: one directory to back up, one to mount.
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "data")

SECRET_KEY = env.text("SECRET_KEY") or secret.read_or_create(DATA_DIR / "secret_key")

ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS",
    [SITE_HOST] if HTTPS else [SITE_HOST, "localhost", "127.0.0.1", "[::1]"],
)

# --- Applications ---------------------------------------------------------------------------

DOMAIN_APPS = ["media", "accounts", "blog", "comments"]

# Each may be taken out: the site then does everything else as before.
LISTENER_APPS = [
    "listeners.notifications",
    "listeners.search",
    "listeners.audit",
    "listeners.webhooks",
    "listeners.cdn",
]

INSTALLED_APPS = [
    "signalflow",  # before Django's own apps: it replaces the `loaddata` command
    "pagecache",
    *DOMAIN_APPS,
    *LISTENER_APPS,
    "transfer",
    "lab",  # may be taken out as well: it takes its page along and nothing else
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "django_htmx",
]

MIDDLEWARE = [
    "config.http.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.http.personal.PersonalMiddleware",
    "config.http.bodies.RefusedBodyMiddleware",
    "config.http.paths.NoNulMiddleware",
    "blog.middleware.DuePostsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "accounts.interrupted.middleware.InterruptedRequestMiddleware",
    "config.http.unkept.UnkeptFormMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "signalflow.middleware.ActionMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.context.site",
            ],
        },
    },
]

# --- Database, cache, broker ----------------------------------------------------------------

# No ATOMIC_REQUESTS: each door opens its own transaction, and nothing slow happens inside one.
DATABASES = {
    "default": backends.database("DATABASE_URL", DATA_DIR / "heliograph.sqlite3", BASE_DIR),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The file of a SQLite database, which may lie elsewhere than DATA_DIR.
DATABASE_FILE = backends.file_of(DATABASES["default"])

private.keep(DATA_DIR, DATABASE_FILE)

CACHES = {"default": backends.cache("CACHE_URL", DATA_DIR / "cache")}

SQLITE_PRAGMAS = sqlite.pragmas(sqlite.linked_version())  # for files beside the database

# What one web process may keep of rendered pages; the longest unused go first.  Nothing with
# DEBUG: whoever changes a template wants to see it.
_STORE_BYTES = 0 if DEBUG else env.integer("PAGE_STORE_MB", 24, low=0) * 1_000_000

PAGECACHE = {
    "PAGE_BYTES": _STORE_BYTES - _STORE_BYTES // 4,  # whole pages, compressed
    "FRAGMENT_BYTES": _STORE_BYTES // 4,  # what pages have in common: entries of lists, say
    # Beside the default cache are the generations; its disk may be the one that is full.
    "DIRECTORY": DATA_DIR,
    "KEY": "heliograph:generations",
    "PRAGMAS": SQLITE_PRAGMAS,
    "PROCESSES": env.integer("WEB_WORKERS", 2, low=1),
    "SCHEDULE": "blog.invalidation.ending.schedule",
    "BEFORE_SERVING": "blog.due_posts.is_quiet",
    "PRIVATE": ("signalflow_", "cdn_"),  # written because of an invalidation
}

# A CDN in front: what it keeps is tagged, and purged when it changes (docs/cdn.md).
CDN = backends.cdn("CDN_URL")

CELERY_BROKER_URL = backends.broker("CELERY_BROKER_URL")

SIGNALFLOW = {
    "LEASE": env.integer("SIGNALFLOW_LEASE", 60, low=1),  # seconds a worker may hold a delivery
    "PROCESSES": env.integer("WEB_WORKERS", 2, low=1),
    "POLL": 1.0,  # seconds an idle worker sleeps
    "DISPATCH": "config.run.celery.dispatch" if CELERY_BROKER_URL else None,
}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SignInBackend"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_form.SignInForm",
    "signup": "accounts.sign_up.SignUpForm",
    "change_password": "accounts.passwords.PasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Whoever finds a browser open cannot take the account along: what gives access to it, or rights
# to others, asks for the password again, once in so many seconds.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Passwords have limits of ours (accounts/tries.py): these would let five wrong ones, from
# anywhere, lock an owner out everywhere.  So has what mails (accounts/limited_forms.py): one
# client could mail 1,200 strangers in an hour.  And they answer 500 while the cache is away.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "change_password": None,
    "reauthenticate": None,
    "reset_password_from_key": None,
    "signup": None,
    "reset_password": None,
    "confirm_email": None,
    "manage_email": None,
}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]

_LEARNER = ["lab.use_lab"]
_AUTHOR = [*_LEARNER, "blog.add_post", "blog.view_post"]
_EDITOR = [
    *_AUTHOR,
    "blog.change_post",
    "blog.delete_post",
    "blog.publish_any_post",
    "blog.feature_post",
    "blog.add_tag",
    "blog.change_tag",
    "blog.delete_tag",
    "blog.view_tag",
]
_MODERATOR = [*_LEARNER, "comments.view_comment", "comments.moderate_comment"]

# Groups made after migrations, with the permissions they start with. Authors change only their
# own posts: that right comes from authorship, not from a permission.
ROLES = {
    "Author": _AUTHOR,
    "Editor": _EDITOR,
    "Moderator": _MODERATOR,
    "Administrator": [
        *_EDITOR,
        *_MODERATOR,
        "accounts.view_user",
        "accounts.change_user",
        "signalflow.view_delivery",
        "signalflow.change_delivery",
        "signalflow.view_trace",
        "signalflow.operate_engine",
        "audit.view_auditentry",
        "notifications.view_message",
        "webhooks.operate_webhooks",
    ],
}

# --- Content --------------------------------------------------------------------------------

FEATURED_POSTS_MAX = 3

# Days after its publication that a post takes comments; 0 is for ever.
COMMENTS_CLOSE_DAYS = env.integer("COMMENTS_CLOSE_DAYS", 0, low=0)

CRISPY_ALLOWED_TEMPLATE_PACKS = ["heliograph"]
CRISPY_TEMPLATE_PACK = "heliograph"

LANGUAGE_CODE = "en"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"

FILE_UPLOAD_PERMISSIONS = private.FILES
FILE_UPLOAD_DIRECTORY_PERMISSIONS = private.DIRECTORIES

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail -----------------------------------------------------------------------------------

# Mail settings have flat names, so they are spread into this module.
globals().update(backends.mail("EMAIL_URL", "consolemail://"))

DEFAULT_FROM_EMAIL = env.sender("MAIL_FROM", formataddr((SITE_NAME, f"noreply@{SITE_HOST}")))
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Mails to an address that a visitor typed: for one network, and for each form on the whole site.
PUBLIC_MAILS_PER_NETWORK = env.integer("PUBLIC_MAILS_PER_NETWORK", 20, low=1)
PUBLIC_MAILS_PER_HOUR = env.integer("PUBLIC_MAILS_PER_HOUR", 300, low=1)

# --- Webhooks -------------------------------------------------------------------------------

# Webhooks call the public internet only, and these networks: whoever may add a webhook may make
# this machine send requests there.
WEBHOOK_PRIVATE_NETWORKS = env.networks("WEBHOOK_PRIVATE_NETWORKS")

# --- Security -------------------------------------------------------------------------------

# Proxies whose X-Forwarded-* headers are believed. Without one those headers are any visitor's.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "accounts.interrupted.views.form_refused"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
SESSION_COOKIE_SECURE = HTTPS

SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0  # one year
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]  # probes ask the process itself, without TLS

# HSTS for subdomains and the preload list bind hosts that are not the blog's to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Addresses with a token in them (unsubscribe, preview) must not leak to other sites.
SECURE_REFERRER_POLICY = "same-origin"

X_FRAME_OPTIONS = "DENY"

SECURE_CSP = {
    "default-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    # Authors may show pictures of other sites, and imported posts do; comments may not.
    "img-src": ["'self'", "https:"],
    "object-src": ["'none'"],
}

# What one request may bring, files included; deploy/ sets the proxies to the same.
MAX_IMAGE_PIXELS = env.integer("MAX_IMAGE_PIXELS", 40_000_000, low=1_000_000)
UPLOADS_PER_HOUR = env.integer("UPLOADS_PER_HOUR", 60, low=1)  # pictures of one account
UPLOADS_MB = env.integer("UPLOADS_MB", 1_000, low=1)  # what the pictures of one account may take
BODY_MAX_BYTES = env.integer("BODY_MAX_MB", 20, low=1) * 1_000_000
BODY_SECONDS = env.integer("BODY_SECONDS", 20, low=1)  # for a short one; long ones have longer

# --- Logs -----------------------------------------------------------------------------------

LOGGING = logs.configure(env.choice("LOG_FORMAT", logs.FORMATS, "auto"), debug=DEBUG)
