"""Idempotency tokens."""

import re
import threading
import urllib.parse

from .wire import body_of

# What the answer to a create calls the thing it made. (An instance stays, terminated: a token of one
# goes on answering.)
MADE = re.compile(r"<(?:vpcEndpointId|routeTableId)>([^<]+)<")


class Tokens:
    """EC2's ClientToken: the same request gets the same answer; another one with its token is refused,
    and so is the same one once what it made has been deleted."""

    def __init__(self, app):
        self.app, self.seen, self.lock = app, {}, threading.RLock()

    def __call__(self, env, start):
        if env.get("PATH_INFO") == "/moto-api/reset":
            self.seen.clear()
        if env.get("REQUEST_METHOD") != "POST" or "urlencoded" not in env.get("CONTENT_TYPE", ""):
            return self.app(env, start)
        query = urllib.parse.parse_qs(body_of(env).decode("utf8", "replace"))
        token = query.pop("ClientToken", None)
        if query.get("Action", [""])[0].startswith("Delete"):
            self.forget(query)
        if not token:
            return self.app(env, start)
        scope = str(env.get("HTTP_AUTHORIZATION", "").split("/")[2:4])
        with self.lock:
            return self.once((scope, query["Action"][0], token[0]), query, env, start)

    def forget(self, query):
        """Whatever is named here goes."""
        named = {value for values in query.values() for value in values}
        for told in self.seen.values():
            told["gone"] |= bool(named & told["made"])

    def once(self, key, query, env, start):
        known = self.seen.get(key)
        if known and known["query"] != query:
            return refuse(start, f"Wrong arguments for token: {key[2]}")
        if known and known["gone"]:
            return refuse(start, f"The request with token: {key[2]} is stale")
        if not known:
            head = {}
            body = b"".join(self.app(env, lambda status, headers, exc=None: head.update(s=status, h=headers)))
            if not head["s"].startswith("200"):
                start(head["s"], head["h"])
                return [body]
            made = set(MADE.findall(body.decode("utf8", "replace"))[:1])
            known = self.seen[key] = {"query": query, "made": made, "gone": False, "answer": (head["s"], head["h"], body)}
        status, headers, body = known["answer"]
        start(status, headers)
        return [body]


def refuse(start, message):
    start("400 Bad Request", [("content-type", "text/xml")])
    error = f"<Error><Code>IdempotentParameterMismatch</Code><Message>{message}</Message></Error>"
    return [f"<Response><Errors>{error}</Errors><RequestID>0</RequestID></Response>".encode()]
