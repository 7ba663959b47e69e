"""S3, ECR, logs."""

import json

from table import ACCOUNT, REGION, on


@on("web/bucket tags.Name")
def _(w):
    tags = w["s3"].get_bucket_tagging(Bucket=w.name)["TagSet"]
    for tag in tags:
        tag["Value"] = "by hand" if tag["Key"] == "Name" else tag["Value"]
    w["s3"].put_bucket_tagging(Bucket=w.name, Tagging={"TagSet": tags})


@on("web/bucket encryption")
def _(w):
    by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    w["s3"].put_bucket_encryption(Bucket=w.name, ServerSideEncryptionConfiguration={"Rules": [by]})


@on("web/bucket ownership")
def _(w):
    w["s3"].put_bucket_ownership_controls(
        Bucket=w.name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
    )


for block in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"):
    @on(f"web/bucket public_access_block.{block}")
    def _(w, block=block):
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        w["s3"].put_public_access_block(
            Bucket=w.name, PublicAccessBlockConfiguration={name: name != block for name in names},
        )


@on("web/bucket public_access_block", label="none")
def _(w):
    w["s3"].delete_public_access_block(Bucket=w.name)


@on("web/bucket policy")
def _(w):
    w["s3"].delete_bucket_policy(Bucket=w.name)


@on("web/bucket policy", "unexpected", "a statement")
def _(w):
    document = json.loads(w["s3"].get_bucket_policy(Bucket=w.name)["Policy"])
    theirs = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{w.name}/*",
    }
    document["Statement"].append(theirs)
    w["s3"].put_bucket_policy(Bucket=w.name, Policy=json.dumps(document))


@on("web/bucket missing")
def _(w):
    w["s3"].delete_bucket(Bucket=w.name)


@on("web/repository tags.Name")
def _(w):
    w["ecr"].tag_resource(resourceArn=w.arn, tags=[{"Key": "Name", "Value": "by hand"}])


@on("web/repository scan_on_push")
def _(w):
    w["ecr"].put_image_scanning_configuration(
        repositoryName=w.name, imageScanningConfiguration={"scanOnPush": False},
    )


@on("web/repository tag_mutability")
def _(w):
    w["ecr"].put_image_tag_mutability(repositoryName=w.name, imageTagMutability="IMMUTABLE")


@on("web/repository encryption", allow=["web/repository"])
def _(w):
    w.books("ecr", ["repositories", w.name, "encryption_configuration"], {"encryptionType": "KMS", "kmsKey": "theirs"})


@on("web/repository lifecycle")
def _(w):
    w["ecr"].delete_lifecycle_policy(repositoryName=w.name)


@on("web/image digest")
def _(w):
    ids = [{"imageDigest": w.me["digest"]}]
    ours = w["ecr"].batch_get_image(repositoryName=w.me["repository"], imageIds=ids)["images"][0]
    theirs = json.dumps({**json.loads(ours["imageManifest"]), "annotations": {"by": "hand"}})
    w["ecr"].put_image(repositoryName=w.me["repository"], imageManifest=theirs, imageTag="latest")


@on("web/image missing")
def _(w):
    w["ecr"].batch_delete_image(repositoryName=w.me["repository"], imageIds=[{"imageDigest": w.me["digest"]}])


@on("web/repository missing", also=["missing web/image"])
def _(w):
    w["ecr"].delete_repository(repositoryName=w.name, force=True)


@on("web/log-group tags.Name")
def _(w):
    w["logs"].tag_log_group(logGroupName=w.name, tags={"Name": "by hand"})


@on("web/log-group retention_days")
def _(w):
    w["logs"].put_retention_policy(logGroupName=w.name, retentionInDays=1)


@on("web/log-group retention_days", label="for ever")
def _(w):
    w["logs"].delete_retention_policy(logGroupName=w.name)


@on("web/log-group kms_key", "unexpected", stays="somebody's care for what is in it")
def _(w):
    w["logs"].associate_kms_key(logGroupName=w.name, kmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/theirs")


@on("web/log-group class", allow=["web/log-group"])
def _(w):
    w.books("logs", ["groups", w.name, "log_group_class"], "INFREQUENT_ACCESS")


@on("web/log-group missing")
def _(w):
    w["logs"].delete_log_group(logGroupName=w.name)
