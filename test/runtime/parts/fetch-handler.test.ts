import * as assert from "uvu/assert";
import { type Fetch, fetchHandler } from "../../../src/runtime/parts/fetch-handler.ts";
import { rejects, suite } from "../../helpers/suite.ts";

const test = suite("a web-standard function");

/** An event as in https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, section "Request payload format". */
const event = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/my/path",
  rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
  cookies: ["cookie1=a", "cookie2=b"],
  headers: { header1: "value1", host: "url-id.lambda-url.us-west-2.on.aws" },
  requestContext: { domainName: "url-id.lambda-url.us-west-2.on.aws", http: { method: "POST", path: "/my/path" } },
  body: "SGVsbG8=",
  isBase64Encoded: true,
};

async function call(fetch: Fetch, given: unknown, response: "buffer" | "stream" = "buffer") {
  const bytes = Buffer.from(JSON.stringify(given));
  const answer = await fetchHandler(fetch, { response })({ requestId: "a", invokedFunctionArn: "arn", event: bytes });
  if (typeof answer === "string" || answer instanceof Uint8Array)
    return { contentType: undefined, text: Buffer.from(answer).toString() };
  const parts: Uint8Array[] = [];
  for await (const part of answer.body) parts.push(part);
  return { contentType: answer.contentType, text: Buffer.concat(parts).toString("latin1") };
}

async function seen(given: unknown) {
  const { text } = await call(async (request) => {
    const { method, url } = request;
    return Response.json({ method, url, headers: Object.fromEntries(request.headers), body: await request.text() });
  }, given);
  return JSON.parse(JSON.parse(text).body);
}

test("gets the event of a function URL as its request", async () => {
  assert.equal(await seen(event), {
    method: "POST",
    url: "https://url-id.lambda-url.us-west-2.on.aws/my/path?parameter1=value1&parameter1=value2&parameter2=value",
    headers: { cookie: "cookie1=a; cookie2=b", header1: "value1", host: "url-id.lambda-url.us-west-2.on.aws" },
    body: "Hello",
  });
});

test("gets a text body as UTF-8, and none with a GET", async () => {
  assert.is((await seen({ ...event, body: "☃", isBase64Encoded: false })).body, "☃");
  const { requestContext } = event;
  const http = { ...requestContext.http, method: "GET" };
  assert.is((await seen({ ...event, requestContext: { ...requestContext, http } })).body, "");
});

test("answers with status, headers and cookies apart", async () => {
  const headers = new Headers([
    ["Content-Type", "text/plain"],
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
  ]);
  const { text } = await call(() => new Response("hi ☃", { status: 201, headers }), event);
  assert.equal(JSON.parse(text), {
    statusCode: 201,
    headers: { "content-type": "text/plain" },
    cookies: ["a=1", "b=2"],
    body: "hi ☃",
    isBase64Encoded: false,
  });
});

for (const [type, isText] of [
  ["application/json", true],
  ["application/problem+json; charset=utf-8", true],
  ["text/html; charset=ISO-8859-1", false],
  ["image/png", false],
  ["application/octet-stream", false],
] as const) {
  test(`sends ${type} ${isText ? "as it is" : "in base64"}`, async () => {
    const { text } = await call(
      () => new Response(Buffer.from("é", "latin1"), { headers: { "Content-Type": type } }),
      event,
    );
    const answer = JSON.parse(text);
    assert.is(answer.isBase64Encoded, !isText);
    if (!isText) assert.is(Buffer.from(answer.body, "base64").toString("latin1"), "é");
  });
}

test("streams behind a prelude with eight zero bytes", async () => {
  const { contentType, text } = await call(() => new Response("body", { status: 418 }), event, "stream");
  assert.is(contentType, "application/vnd.awslambda.http-integration-response");
  assert.is(text, '{"statusCode":418,"headers":{"content-type":"text/plain;charset=UTF-8"}}\0\0\0\0\0\0\0\0body');
});

test("gets any other event as a body, and its body is the response, byte for byte", async () => {
  const echo: Fetch = async (request) => new Response(await request.arrayBuffer());
  for (const other of [{ x: 1 }, "rawPath", { rawPath: 1 }, { rawPath: "/", requestContext: {} }])
    assert.is((await call(echo, other)).text, JSON.stringify(other));
});

test("that throws fails the invocation", () =>
  rejects(
    call(() => {
      throw new Error("on purpose");
    }, event),
    /on purpose/,
  ));

test.run();
