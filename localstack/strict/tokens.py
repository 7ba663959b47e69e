"""Idempotency tokens."""

import threading
import urllib.parse

from .wire import body_of


class Tokens:
    """EC2's ClientToken: the same token gets the same answer."""

    def __init__(self, app):
        self.app, self.seen, self.lock = app, {}, threading.RLock()

    def __call__(self, env, start):
        if env.get("PATH_INFO") == "/moto-api/reset":
            self.seen.clear()
        if env.get("REQUEST_METHOD") != "POST" or "urlencoded" not in env.get("CONTENT_TYPE", ""):
            return self.app(env, start)
        query = urllib.parse.parse_qs(body_of(env).decode("utf8", "replace"))
        token = query.get("ClientToken")
        if not token:
            return self.app(env, start)
        scope = str(env.get("HTTP_AUTHORIZATION", "").split("/")[2:4])
        with self.lock:
            return self.once((scope, query["Action"][0], token[0]), env, start)

    def once(self, key, env, start):
        if key not in self.seen:
            head = {}
            body = b"".join(self.app(env, lambda status, headers, exc=None: head.update(s=status, h=headers)))
            if not head["s"].startswith("200"):
                start(head["s"], head["h"])
                return [body]
            self.seen[key] = (head["s"], head["h"], body)
        status, headers, body = self.seen[key]
        start(status, headers)
        return [body]
