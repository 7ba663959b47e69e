"""moto's server, made as strict as a deployer needs it.

usage: moto_launcher.py PORT

The package `strict` beside this file extends moto in process; README.md lists what it closes. The
product is never bent to please an emulator.

Beside moto's own `/moto-api`, the server answers:
    GET  /genu-calls          every call since the last reset, one `service:Operation` a line
    POST /genu-calls/reset    forgets them
    GET  /genu-inventory      everything that is live, one `kind id` a line
    POST /genu-fork           a second server with a copy of everything; answers its port
    POST /genu-books          sets one attribute in moto's books that no call of AWS's sets:
                              {"service", "region", "path": ["vpcs", "vpc-…", "cidr_block"], "value"}
    POST /genu-exit           ends this server

Environment: GENU_SERVICE_DELAY, seconds until an ECS service has its tasks (0);
GENU_END_WITH_PARENT, ends with the process that started it.
"""

import logging
import os
import signal
import sys

for flag in (
    "MOTO_IAM_LOAD_MANAGED_POLICIES",
    "MOTO_ENABLE_KEYPAIR_VALIDATION",
    "MOTO_ENABLE_AMI_VALIDATION",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION",
):
    os.environ.setdefault(flag, "true")

import strict
from strict.calls import Calls
from strict.desk import Desk
from strict.process import end_with_parent, serve
from strict.tokens import Tokens


def main():
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    failed = strict.extend()
    if failed:
        sys.exit("this moto is not the one that the extensions are for:\n" + "\n".join(failed))
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if os.environ.get("GENU_END_WITH_PARENT"):
        end_with_parent()
    # Forked servers that have ended are nobody's concern.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    moto = DomainDispatcherApplication(create_backend_app)
    serve(Desk(Calls(Tokens(moto))), int(sys.argv[1]))


if __name__ == "__main__":
    main()
