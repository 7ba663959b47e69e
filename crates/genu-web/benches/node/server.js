// A server of the reference's design: Express, HeadObject, then GetObject, streamed.
const express = require("express");
const { S3Client, HeadObjectCommand, GetObjectCommand } = require("@aws-sdk/client-s3");

const { BUCKET_NAME, AWS_ENDPOINT_URL, PORT } = process.env;
const s3 = new S3Client({ endpoint: AWS_ENDPOINT_URL, forcePathStyle: true });
const app = express();

async function exists(Key) {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: BUCKET_NAME, Key }));
    return true;
  } catch {
    return false;
  }
}

app.get("/healthcheck", (_, response) => response.send("ok"));
app.get("*", async (request, response) => {
  try {
    const wanted = request.path.slice(1) || "index.html";
    const Key = (await exists(wanted)) ? wanted : "index.html";
    const object = await s3.send(new GetObjectCommand({ Bucket: BUCKET_NAME, Key }));
    response.setHeader("Content-Type", object.ContentType ?? "application/octet-stream");
    response.setHeader("Content-Length", object.ContentLength);
    object.Body.pipe(response);
  } catch {
    response.sendStatus(500);
  }
});
app.listen(Number(PORT), "127.0.0.1");
