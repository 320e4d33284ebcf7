import * as assert from "uvu/assert";
import { urlEvent, urlResponse } from "../../src/emulator/api/url-event.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Function URL:");

const request = {
  method: "POST",
  target: "/a/b%20c?x=1&y=2&x=3",
  headers: { host: "abc.lambda-url.us-east-1.localhost:9001", cookie: "a=1; b=2", "content-type": "application/json" },
  body: Buffer.from('{"k":1}'),
  sourceIp: "127.0.0.1",
  requestId: "r-1",
  epochMs: 1_795_230_300_000,
};

test("a request becomes an event of version 2.0", () => {
  const event = urlEvent(request);
  assert.is(event.version, "2.0");
  assert.is(event.rawPath, "/a/b%20c");
  assert.is(event.rawQueryString, "x=1&y=2&x=3");
  assert.equal(event.queryStringParameters, { x: "1,3", y: "2" });
  assert.equal(event.cookies, ["a=1", "b=2"]);
  assert.is(event.body, '{"k":1}');
  assert.is(event.isBase64Encoded, false);
  assert.is(event.requestContext.accountId, "anonymous");
  assert.is(event.requestContext.domainPrefix, "abc");
  assert.is(event.requestContext.http.method, "POST");
  assert.is(event.requestContext.time, "21/Nov/2026:03:05:00 +0000");
});

test("a binary body is base64", () => {
  const event = urlEvent({ ...request, headers: { "content-type": "image/png" }, body: Buffer.from([1, 2, 255]) });
  assert.is(event.body, "AQL/");
  assert.is(event.isBase64Encoded, true);
});

test("a request without query, cookies and body has no such fields", () => {
  const event = urlEvent({ ...request, target: "/", headers: {}, body: Buffer.alloc(0) });
  assert.not("queryStringParameters" in event);
  assert.not("cookies" in event);
  assert.not("body" in event);
});

const responses = [
  [
    "an object with a status code is taken apart",
    '{"statusCode":201,"headers":{"X-A":"1"},"cookies":["c=1"],"body":"hi"}',
    201,
    "hi",
  ],
  ["a base64 body is decoded", '{"statusCode":200,"body":"aGk=","isBase64Encoded":true}', 200, "hi"],
  ["an object without a status code is the body", '{"a":1}', 200, '{"a":1}'],
  ["a string is the body, as JSON", '"hi"', 200, '"hi"'],
  ["what is no JSON is a bad gateway", "oops", 502, undefined],
] as const;

for (const [name, payload, statusCode, body] of responses) {
  test(name, () => {
    const response = urlResponse(Buffer.from(payload), false);
    assert.is(response.statusCode, statusCode);
    // What a 502 says is not documented.
    if (body !== undefined) assert.is(Buffer.from(response.body).toString(), body);
  });
}

test("a function error is a bad gateway", () => {
  assert.is(urlResponse(Buffer.from('{"errorType":"Error"}'), true).statusCode, 502);
});

test("headers and cookies go along", () => {
  const response = urlResponse(Buffer.from(responses[0][1]), false);
  assert.equal(response.headers, { "content-type": "application/json", "x-a": "1" });
  assert.equal(response.cookies, ["c=1"]);
});

test.run();
