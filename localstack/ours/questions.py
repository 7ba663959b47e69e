"""What tests ask of the server itself, and what it remembers of the calls."""

import threading
import urllib.parse


def questions():
    """The same paths, the same log and the same tokens as moto's server has."""
    from localstack.aws.app import LocalstackAwsGateway
    from strict.desk import Desk
    from strict.wire import name

    from .inventory import inventory

    class Calls:
        calls = []

    desk, seen, lock = Desk(Calls()), {}, threading.RLock()
    desk.paths["/genu-inventory"] = lambda env: "\n".join(sorted(inventory()))
    del desk.paths["/genu-fork"]
    process = LocalstackAwsGateway.process

    def token(request):
        if request.method != "POST" or "urlencoded" not in request.headers.get("content-type", ""):
            return None
        query = urllib.parse.parse_qs(request.get_data().decode("utf8", "replace"))
        if "ClientToken" not in query:
            return None
        scope = str(request.headers.get("authorization", "").split("/")[2:4])
        return scope, query["Action"][0], query["ClientToken"][0]

    def once(self, key, request, response):
        if key not in seen:
            process(self, request, response)
            if response.status_code == 200:
                seen[key] = (response.headers.copy(), response.get_data())
            return
        response.headers, data = seen[key][0].copy(), seen[key][1]
        response.set_data(data)

    def asked(self, request, response):
        answer = desk.paths.get(request.path)
        if answer is not None:
            response.set_data(answer({**request.environ, "wsgi.input": request.stream}) or "")
            response.status_code = 200
            return
        if not request.path.startswith("/_localstack"):
            desk.calls.calls.append(name(request.environ, lambda env: request.get_data()))
        key = token(request)
        if key is None:
            process(self, request, response)
            return
        with lock:
            once(self, key, request, response)

    LocalstackAwsGateway.process = asked
