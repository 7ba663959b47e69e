"""Requests as WSGI has them, and as a line of text."""

import io
import re
import urllib.parse


def body_of(env):
    """The body, left there for who comes next."""
    body = env["wsgi.input"].read(int(env.get("CONTENT_LENGTH") or 0))
    env["wsgi.input"] = io.BytesIO(body)
    return body


def name(env, body=body_of):
    """`service:Operation`; without an operation in it, method, path and the query's keys. Only forms are
    read: other bodies may come in chunks."""
    scope = env.get("HTTP_AUTHORIZATION", "").split("/")
    service = scope[3] if len(scope) > 3 else "unknown"
    target = env.get("HTTP_X_AMZ_TARGET")
    if target:
        return f"{service}:{target.split('.')[-1]}"
    if "urlencoded" in env.get("CONTENT_TYPE", ""):
        action = urllib.parse.parse_qs(body(env).decode("utf8", "replace")).get("Action", ["?"])[0]
        return f"{service}:{action}"
    query = re.sub(r"=[^&]*", "", env.get("QUERY_STRING", ""))
    return f"{service}:{env['REQUEST_METHOD']} {env.get('PATH_INFO', '')}?{query}".rstrip("?")
