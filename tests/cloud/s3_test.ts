import assert from "node:assert/strict";
import { bucketUrlOf } from "../../src/cloud/s3.ts";

const AWS = { region: "eu-west-1", endpoint: undefined, disableSsl: false, forcePathStyle: false };
const PLACES: [Parameters<typeof bucketUrlOf>[0], string][] = [
  [{ ...AWS, bucket: "images" }, "https://images.s3.eu-west-1.amazonaws.com"],
  [
    { ...AWS, bucket: "images", region: "cn-north-1" },
    "https://images.s3.cn-north-1.amazonaws.com.cn",
  ],
  [{ ...AWS, bucket: "images", forcePathStyle: true }, "https://s3.eu-west-1.amazonaws.com/images"],
  [{ ...AWS, bucket: "img.example.com" }, "https://s3.eu-west-1.amazonaws.com/img.example.com"],
  [{ ...AWS, bucket: "My_Bucket" }, "https://s3.eu-west-1.amazonaws.com/My_Bucket"],
  [{ ...AWS, bucket: "images", endpoint: "nyc3.space.test" }, "https://images.nyc3.space.test"],
  [
    { ...AWS, bucket: "images", endpoint: "127.0.0.1:9000", disableSsl: true },
    "http://127.0.0.1:9000/images",
  ],
  [{ ...AWS, bucket: "images", endpoint: "http://minio:9000/" }, "http://images.minio:9000"],
];
for (const [place, url] of PLACES) {
  Deno.test(`bucketUrlOf() gives ${url}`, () => assert.equal(bucketUrlOf(place), url));
}
