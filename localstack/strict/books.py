"""What no call of AWS's sets, set in moto's own books."""


def write(service, region, path, value):
    """One attribute or entry somewhere in the books of a service."""
    from moto.backends import get_backend

    def inside(thing, step):
        return thing[step] if isinstance(thing, (dict, list)) else getattr(thing, step)

    (thing,) = [account[region] for account in get_backend(service).values()]
    *way, last = path
    for step in way:
        thing = inside(thing, step)
    if isinstance(thing, (dict, list)):
        thing[last] = value
    else:
        setattr(thing, last, value)
