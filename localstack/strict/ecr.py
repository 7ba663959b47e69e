"""Layers and images: what they are called is what is in them."""

import copy
import hashlib
import json
import re
import uuid
from base64 import b64decode

DIGEST = re.compile(r"sha256:[a-f0-9]{64}")
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
# What ECR advises, and the least it takes of every part but the last.
PART, LEAST = 10 * 1024 * 1024, 5 * 1024 * 1024


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Refusals:
    """ECR's refusals of one repository."""

    def __init__(self, repository):
        self.place = (
            f"in the repository with name '{repository.name}' "
            f"in the registry with id '{repository.registry_id}'"
        )

    def __call__(self, code, message, **more):
        from moto.core.exceptions import ServiceException

        # moto tells by the module which service refuses.
        kind = type(code, (ServiceException,), {"__module__": "moto.ecr.exceptions"})
        error = kind(code, f"{message} {self.place}")
        for field, value in more.items():
            setattr(error, field, value)
        return error


class Upload:
    """A layer on its way, in parts."""

    def __init__(self):
        self.content, self.sizes = b"", []

    @property
    def last(self):
        return len(self.content) - 1


def layers_of(repository):
    """Completed layers: digest and size."""
    return repository.__dict__.setdefault("layers", {})


def upload_of(repository, upload_id):
    found = repository.__dict__.setdefault("_uploads", {}).get(upload_id)
    if found is None:
        raise Refusals(repository)("UploadNotFoundException", f"Upload with id '{upload_id}' could not be found")
    return found


def repository_of(self):
    return self.ecr_backend._get_repository(self._get_param("repositoryName"), self._get_param("registryId"))


def layer_uploads():
    """A layer comes in parts that follow each other, and is named by what is in it."""
    from moto.core.responses import ActionResult
    from moto.ecr.responses import ECRResponse

    def initiate_layer_upload(self):
        upload_id = str(uuid.uuid4())
        repository_of(self).__dict__.setdefault("_uploads", {})[upload_id] = Upload()
        return ActionResult({"uploadId": upload_id, "partSize": PART})

    def upload_layer_part(self):
        repository, upload_id = repository_of(self), self._get_param("uploadId")
        upload = upload_of(repository, upload_id)
        first, last = self._get_param("partFirstByte"), self._get_param("partLastByte")
        part = self._get_param("layerPartBlob")
        part = b64decode(part) if isinstance(part, str) else part
        if first != upload.last + 1 or last - first + 1 != len(part):
            raise Refusals(repository)(
                "InvalidLayerPartException", f"Invalid layer part upload for upload with id '{upload_id}'",
                registryId=repository.registry_id, repositoryName=repository.name, uploadId=upload_id,
                lastValidByteReceived=upload.last,
            )
        upload.content += part
        upload.sizes.append(len(part))
        return ActionResult({
            "registryId": repository.registry_id, "repositoryName": repository.name,
            "uploadId": upload_id, "lastByteReceived": upload.last,
        })

    def complete_layer_upload(self):
        repository, upload_id = repository_of(self), self._get_param("uploadId")
        upload, refuse = upload_of(repository, upload_id), Refusals(repository)
        digest, claimed = digest_of(upload.content), self._get_param("layerDigests")
        if not upload.sizes:
            raise refuse("EmptyUploadException", f"There are no parts for upload with id '{upload_id}'")
        if any(size < LEAST for size in upload.sizes[:-1]):
            raise refuse("LayerPartTooSmallException", f"Layer parts of '{upload_id}' must be at least 5 MiB in size")
        if digest not in claimed:
            raise refuse("InvalidLayerException", f"The layer is '{digest}', not '{claimed[0]}',")
        if digest in layers_of(repository):
            raise refuse("LayerAlreadyExistsException", f"Layer with digest '{digest}' already exists")
        layers_of(repository)[digest] = len(upload.content)
        del repository._uploads[upload_id]
        return ActionResult({
            "registryId": repository.registry_id, "repositoryName": repository.name,
            "uploadId": upload_id, "layerDigest": digest,
        })

    def batch_check_layer_availability(self):
        known = layers_of(repository_of(self))
        asked = self._get_param("layerDigests")
        layers = [
            {"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": known[digest], "mediaType": LAYER}
            if digest in known else {"layerDigest": digest, "layerAvailability": "UNAVAILABLE"}
            for digest in asked if DIGEST.fullmatch(digest)
        ]
        failures = [
            {"layerDigest": digest, "failureCode": "InvalidLayerDigest", "failureReason": "not a SHA-256 digest"}
            for digest in asked if not DIGEST.fullmatch(digest)
        ]
        return ActionResult({"layers": layers, "failures": failures})

    ECRResponse.initiate_layer_upload = initiate_layer_upload
    ECRResponse.upload_layer_part = upload_layer_part
    ECRResponse.complete_layer_upload = complete_layer_upload
    ECRResponse.batch_check_layer_availability = batch_check_layer_availability


def images():
    """An image's digest is that of its manifest's bytes; its layers are there; a tag that moves leaves
    its image behind."""
    from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidParameterException
    from moto.ecr.models import ECRBackend, Image

    def checked(repository, manifest):
        """Everything that the manifest names is in the repository."""
        refuse = Refusals(repository)
        layers = [manifest.get("config"), *manifest.get("layers", [])]
        missing = [layer["digest"] for layer in layers if layer and layer["digest"] not in layers_of(repository)]
        if missing:
            raise refuse("LayersNotFoundException", f"Layers with digests '[{', '.join(missing)}]' were not found")
        images = {image.get_image_digest() for image in repository.images}
        missing = [image["digest"] for image in manifest.get("manifests", []) if image["digest"] not in images]
        if missing:
            raise refuse("ReferencedImagesNotFoundException", f"Images with digests '{missing}' were not found")

    def tagged(repository, image, tag):
        """Gives the image the tag, which another may have to give up."""
        holders = [other for other in repository.images if tag is not None and tag in other.image_tags]
        if holders and repository.is_tag_immutable():
            raise Refusals(repository)(
                "ImageTagAlreadyExistsException",
                f"The image tag '{tag}' already exists and cannot be overwritten because the tags are immutable",
            )
        for other in holders:
            other.image_tags.remove(tag)
            other.image_tag = other.image_tags[-1] if other.image_tags else None
        if tag is not None:
            image.update_tag(tag)

    def put_image(self, repository_name, image_manifest, image_tag, image_manifest_mediatype=None, digest=None):
        repository = self._get_repository(repository_name)
        try:
            manifest = json.loads(image_manifest)
        except ValueError:
            raise InvalidParameterException(
                "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
            )
        kind = image_manifest_mediatype or manifest.get("mediaType")
        if not kind:
            raise InvalidParameterException("image manifest mediatype not provided in manifest or parameter")
        real = digest_of(image_manifest.encode())
        if digest not in (None, real):
            raise Refusals(repository)("ImageDigestDoesNotMatchException", f"The digest is '{real}', not '{digest}',")
        checked(repository, manifest)
        image = next((i for i in repository.images if i.get_image_digest() == real), None)
        if image and (image_tag is None or image_tag in image.image_tags):
            raise ImageAlreadyExistsException(
                registry_id=repository.registry_id, image_tag=image_tag, digest=real, repository_name=repository_name,
            )
        image = image or Image(self.account_id, None, image_manifest, repository_name, kind, real)
        tagged(repository, image, image_tag)
        if image not in repository.images:
            repository.images.append(image)
        return image

    def found_as(repository, asked):
        """The image, under the tag it was asked for."""
        tag, digest = asked.get("imageTag"), asked.get("imageDigest")
        for image in repository.images:
            if digest in (None, image.get_image_digest()) and (tag is None or tag in image.image_tags):
                image = copy.copy(image)
                image.image_tag = tag or image.image_tag
                return image
        return None

    def batch_get_image(self, repository_name, registry_id=None, image_ids=None):
        repository = self._get_repository(repository_name, registry_id)
        looked = [(asked, found_as(repository, asked)) for asked in image_ids]
        why = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
        return {
            "images": [image for _, image in looked if image],
            "failures": [{"imageId": asked, **why} for asked, image in looked if not image],
        }

    ECRBackend.put_image = put_image
    ECRBackend.batch_get_image = batch_get_image


EXTENSIONS = (layer_uploads, images)
