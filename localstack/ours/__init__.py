"""LocalStack itself, made as strict as moto is under `strict`: what its own providers answer."""

from . import loopback, objects, origins, questions


def extend(files):
    """Applies every extension; those that could not be, as `function: why`. Files go below `files`."""
    extensions = {
        "loopback": loopback.loopback,
        "objects": lambda: objects.objects(files),
        "origins": origins.origins,
        "questions": questions.questions,
    }
    failed = []
    for name, extension in extensions.items():
        try:
            extension()
        except (ImportError, AttributeError) as error:
            failed.append(f"ours.{name}: {error}")
    return failed
