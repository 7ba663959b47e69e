"""Everything that is live: moto's books, and those of LocalStack's own providers."""

from strict.inventory import inventory as by_moto

NATIVE = ("s3 buckets ",)


def inventory():
    """One `kind id` a line, as of moto's server."""
    from localstack.services.s3.models import s3_stores

    yield from (line for line in by_moto() if not line.startswith(NATIVE))
    stores = (store for account in s3_stores.values() for store in account.values())
    names = {name for store in stores for name in store.buckets}
    yield from (f"s3 buckets {name}" for name in names)
