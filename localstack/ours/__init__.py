"""LocalStack itself, made as strict as moto is under `strict`: what its own providers answer."""

from . import comments, deletes, loopback, objects, origins, providers, questions, rest_apis


def extend(files):
    """Applies every extension; those that could not be, as `function: why`. Files go below `files`."""
    extensions = {
        "comments": comments.comments,
        "deletes": deletes.deletes,
        "loopback": loopback.loopback,
        "objects": lambda: objects.objects(files),
        "origins": origins.origins,
        "providers": providers.providers,
        "questions": questions.questions,
        "rest_apis": rest_apis.rest_apis,
    }
    failed = []
    for name, extension in extensions.items():
        try:
            extension()
        except (ImportError, AttributeError) as error:
            failed.append(f"ours.{name}: {error}")
    return failed
