import * as assert from "uvu/assert";
import { urlEvent, urlResponse } from "../../src/emulator/api/url-event.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Function URL:");

const request = {
  method: "POST",
  target: "/a/b%20c?x=1&y=2&x=3",
  headers: { host: "abc.lambda-url.us-east-1.localhost:9001", cookie: "a=1; b=2", "content-type": "application/json" },
  body: Buffer.from('{"k":1}'),
  sourceIp: "193.42.98.9",
  port: 9001,
  traceId: "Root=1-65a145be-797c3178708174547ee8c103;Parent=9a9197af755a6419;Sampled=0;Lineage=1:ab12cd34:0",
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

test("an event has the fields of one that a real URL made of a form, and no more", () => {
  const host = "in3lrxiar7xt56bm5omeew3ymq0itedm.lambda-url.ap-northeast-1.on.aws";
  const sent = { host, "content-type": "application/x-www-form-urlencoded", accept: "*/*", "user-agent": "curl/8.4.0" };
  const body = Buffer.from('{"message": "https test"}');
  const event = urlEvent({
    ...request,
    target: "/",
    headers: { ...sent, "content-length": "25", connection: "keep-alive", "transfer-encoding": "chunked" },
    body,
    epochMs: 1_705_067_966_133,
  });
  // As a function logged it: `x-amzn-tls-cipher-suite` and `x-amzn-tls-version` are left out, where there is no TLS,
  // and the protocol and the port were those of TLS.
  assert.equal(event, {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/",
    rawQueryString: "",
    headers: {
      ...sent,
      "content-length": "25",
      "x-forwarded-for": "193.42.98.9",
      "x-forwarded-port": "9001",
      "x-forwarded-proto": "http",
      "x-amzn-trace-id": "Root=1-65a145be-797c3178708174547ee8c103",
    },
    requestContext: {
      accountId: "anonymous",
      apiId: "in3lrxiar7xt56bm5omeew3ymq0itedm",
      domainName: host,
      domainPrefix: "in3lrxiar7xt56bm5omeew3ymq0itedm",
      http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "193.42.98.9", userAgent: "curl/8.4.0" },
      requestId: "r-1",
      routeKey: "$default",
      stage: "$default",
      time: "12/Jan/2024:13:59:26 +0000",
      timeEpoch: 1_705_067_966_133,
    },
    body: "eyJtZXNzYWdlIjogImh0dHBzIHRlc3QifQ==",
    isBase64Encoded: true,
  });
});

const contentTypes = [
  ["text/plain", false],
  ["TEXT/HTML; charset=utf-8", false],
  ["application/json", false],
  ["application/json; charset=utf-8", false],
  ["application/xml", false],
  ["application/javascript", false],
  ["application/x-www-form-urlencoded", true],
  ["multipart/form-data; boundary=x", true],
  ["application/jsonlines", true],
  ["image/png", true],
  [undefined, true],
] as const;

for (const [type, binary] of contentTypes) {
  test(`a body of ${type ?? "no type"} is ${binary ? "base64" : "text"}`, () => {
    const headers = type === undefined ? {} : { "content-type": type };
    const event = urlEvent({ ...request, headers, body: Buffer.from("hello") });
    assert.equal([event.body, event.isBase64Encoded], [binary ? "aGVsbG8=" : "hello", binary]);
  });
}

test("a client that names addresses is taken at the word of the leftmost one", () => {
  const { headers, requestContext } = urlEvent({ ...request, headers: { "x-forwarded-for": "127.0.0.1, 10.0.0.1" } });
  assert.is(headers["x-forwarded-for"], "127.0.0.1");
  assert.is(requestContext.http.sourceIp, "193.42.98.9");
});

test("a trace that the client began goes on", () => {
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
  assert.is(urlEvent({ ...request, headers: { "x-amzn-trace-id": trace } }).headers["x-amzn-trace-id"], trace);
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
