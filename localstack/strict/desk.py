"""What tests ask of the server itself, beside the calls they make."""

import json
import os

from . import books, fork, inventory
from .wire import body_of


class Desk:
    """Answers its own paths; everything else is a call. (Buckets, too, may begin with `genu-`.)"""

    def __init__(self, calls):
        self.calls = calls
        self.paths = {
            "/genu-calls": lambda env: "\n".join(self.calls.calls),
            "/genu-calls/reset": self.forget,
            "/genu-inventory": lambda env: "\n".join(sorted(inventory.inventory())),
            "/genu-books": lambda env: books.write(**json.loads(body_of(env))),
            "/genu-fork": lambda env: str(fork.fork(self)),
            "/genu-exit": lambda env: os._exit(0),
        }

    def __call__(self, env, start):
        answer = self.paths.get(env.get("PATH_INFO"))
        if answer is None:
            return self.calls(env, start)
        text = answer(env) or ""
        start("200 OK", [("content-type", "text/plain")])
        return [text.encode()]

    def forget(self, env):
        self.calls.calls = []
