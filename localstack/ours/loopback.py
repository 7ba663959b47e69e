"""Where LocalStack listens."""


def loopback():
    """On 127.0.0.1 and nowhere else, whatever its configuration says."""
    from twisted.internet import endpoints

    class Loopback(endpoints.TCP4ServerEndpoint):
        def __init__(self, reactor, port, backlog=50, interface=""):
            super().__init__(reactor, port, backlog, "127.0.0.1")

    endpoints.TCP4ServerEndpoint = Loopback
