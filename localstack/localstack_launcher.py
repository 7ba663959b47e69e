"""LocalStack, made as strict as a deployer needs it, on loopback alone.

usage: localstack_launcher.py PORT

The package `strict` beside this file extends the moto that comes with LocalStack as it does the other
one, `ours` LocalStack itself, and the plug-in under `plugin` adds what the free line lacks. What could
not be extended is told on standard error.

The server answers `/genu-calls`, `/genu-calls/reset`, `/genu-inventory`, `/genu-books` and
`/genu-exit` as moto_launcher.py does. It cannot be forked.

Environment: GENU_SERVICE_DELAY and GENU_END_WITH_PARENT as there; LOCALSTACK_VOLUME_DIR, where
LocalStack keeps its files (a temporary directory).
"""

import os
import shutil
import sys
import tempfile
import warnings

if sys.version_info < (3, 12):
    sys.exit("LocalStack needs Python 3.12 or later")

PORT = int(sys.argv[1]) if __name__ == "__main__" else 0

FLAGS = {
    # LocalStack ignores the host and binds every interface: see `ours.loopback`.
    "GATEWAY_LISTEN": f"127.0.0.1:{PORT}",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "DISABLE_EVENTS": "1",
    "EAGER_SERVICE_LOADING": "0",
    "DNS_ADDRESS": "0",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
}


def main():
    for flag, value in FLAGS.items():
        os.environ.setdefault(flag, value)
    files = os.environ.get("LOCALSTACK_VOLUME_DIR") or tempfile.mkdtemp(prefix="genu-localstack-")
    os.environ["LOCALSTACK_VOLUME_DIR"] = files

    if not hasattr(warnings, "deprecated"):
        # LocalStack takes it from Python 3.13's own library.
        from typing_extensions import deprecated

        warnings.deprecated = deprecated

    import ours
    import strict
    from strict.process import end_with_parent

    gaps = strict.extend()
    for gap in gaps + ours.extend(files):
        print(f"not extended: {gap}", file=sys.stderr, flush=True)
    if os.environ.get("GENU_END_WITH_PARENT"):
        end_with_parent(before=lambda: shutil.rmtree(files, ignore_errors=True))

    from localstack.runtime.main import main as run

    try:
        run()
    finally:
        shutil.rmtree(files, ignore_errors=True)


if __name__ == "__main__":
    main()
