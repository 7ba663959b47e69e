"""Scaling of services."""


def scaling_not_found():
    """What is gone is an `ObjectNotFoundException`; moto calls it a wrong request."""
    from moto.applicationautoscaling.exceptions import AWSValidationException
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.core.exceptions import JsonRESTError

    def saying_so(name):
        delete = getattr(ApplicationAutoscalingBackend, name)

        def tried(self, *args, **kwargs):
            try:
                return delete(self, *args, **kwargs)
            except AWSValidationException as error:
                raise JsonRESTError("ObjectNotFoundException", error.message)

        setattr(ApplicationAutoscalingBackend, name, tried)

    saying_so("delete_scaling_policy")
    saying_so("deregister_scalable_target")


EXTENSIONS = (scaling_not_found,)
