"""Every call since the last reset, for tests that count them."""

from .wire import name


class Calls:
    """Logs every call as `service:Operation`, on its way to AWS's part of the server."""

    def __init__(self, app):
        self.app, self.calls = app, []

    def __call__(self, env, start):
        if not env.get("PATH_INFO", "").startswith("/moto-api"):
            self.calls.append(name(env))
        return self.app(env, start)
