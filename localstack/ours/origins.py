"""Where functions come from."""

import sys
from types import FunctionType


def origins():
    """LocalStack extends moto by a function's qualified name: what `strict` put in a function's place
    bears the name of what it replaced."""
    # Last come the classes that are made of others: theirs is the function that is called.
    for module in sorted((m for m in sys.modules if m.startswith("moto.")), reverse=True):
        for kind in list(vars(sys.modules[module]).values()):
            if isinstance(kind, type) and kind.__module__ == module:
                rename(kind)


def rename(kind):
    for name, function in vars(kind).items():
        if isinstance(function, FunctionType) and function.__module__.startswith("strict."):
            function.__module__, function.__qualname__ = kind.__module__, f"{kind.__qualname__}.{name}"
