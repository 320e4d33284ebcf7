import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { FunctionUrl, type InvokeMode } from "../../src/emulator/function-url.ts";
import type { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { LambdaService } from "../../src/emulator/lambda-service.ts";
import type { StreamPace } from "../../src/emulator/stream-pace.ts";
import { suite } from "../helpers/suite.ts";
import { type Streamed, streamingFunction } from "./streaming-runtime.ts";

const test = suite("streaming:");

test("Invoke gets a streamed response whole (1.10)", async () => {
  const { body, headers } = await invoke({ chunks: ["one ", "two"] });
  assert.is(body.toString(), "one two");
  assert.is(headers["x-amz-function-error"], undefined);
});

test("Invoke gets the error that a stream's trailers carry (1.10)", async () => {
  const { body, headers } = await invoke({ chunks: ["one"], fail: "Boom" });
  assert.is(headers["x-amz-function-error"], "Unhandled");
  assert.equal(JSON.parse(body.toString()), { errorType: "Boom", errorMessage: "late" });
});

test("Invoke gets a function error for a stream that was cut off", async () => {
  const { body, headers } = await invoke({ chunks: ["one"], instead: "cut" });
  assert.is(headers["x-amz-function-error"], "Unhandled");
  assert.is(JSON.parse(body.toString()).errorType, "Runtime.TruncatedResponse");
});

test("Invoke refuses a streamed response over the limit of a buffered one", async () => {
  const { body } = await invoke({ mebibytes: 7 });
  assert.is(JSON.parse(body.toString()).errorType, "Function.ResponseSizeTooLarge");
});

test("InvokeWithResponseStream sends each piece and one end (6.2)", async () => {
  const { messages, headers } = await invokeStream({ chunks: ["one ", "two"], type: "text/html" });
  assert.is(headers["content-type"], "application/vnd.amazon.eventstream");
  assert.is(headers["x-amzn-remapped-content-type"], "text/html");
  assert.is(payloads(messages), "one two");
  assert.equal(messages.at(-1), { type: "InvokeComplete", payload: "{}" });
});

test("InvokeWithResponseStream hides that a stream failed, as the real service does (1.10)", async () => {
  const { messages } = await invokeStream({ chunks: ["one"], fail: "Boom" });
  assert.is(payloads(messages), "one");
  assert.equal(messages.at(-1), { type: "InvokeComplete", payload: "{}" });
});

test("InvokeWithResponseStream keeps what came before a time-out, and ends without a sign of it (1.10)", async () => {
  const { messages } = await invokeStream({ chunks: ["one"], instead: "hang" }, 1_000);
  assert.is(payloads(messages), "one");
  assert.equal(messages.at(-1), { type: "InvokeComplete", payload: "{}" });
});

test("a function with a pace holds back what exceeds the burst", async () => {
  const { messages } = await invokeStream({ mebibytes: 2 }, 1_000, { burstBytes: 1_048_576, bytesPerSecond: 1_000 });
  const { length } = payloads(messages);
  assert.ok(length > 0 && length <= 1_048_576, `${length} bytes`);
});

test("InvokeWithResponseStream sends a buffered response in one piece", async () => {
  const { messages } = await invokeStream({ buffered: '{"a":1}' });
  assert.equal(messages, [
    { type: "PayloadChunk", payload: '{"a":1}' },
    { type: "InvokeComplete", payload: "{}" },
  ]);
});

test(
  "a stream is cut at 200 MiB, and the runtime goes on (1.10)",
  async () => {
    await using lambda = await streamingFunction(60_000);
    let bytes = 0;
    const event = Buffer.from(JSON.stringify({ mebibytes: 202 }));
    const result = await lambda.invoke(invocation("a", event), ({ body }) =>
      body.on("data", (chunk) => (bytes += chunk.length)),
    );
    assert.is(bytes, 209_715_200);
    assert.is(result.functionError, undefined);
    await result.logTail;
    const again = await lambda.invoke(invocation("b", Buffer.from('{"chunks":["x"]}')));
    assert.is(Buffer.from(again.payload).toString(), "x");
  },
  { timeoutMs: 60_000 },
);

test("a caller that leaves in the middle of a stream does not stop the invocation (SRV-FE-010)", async () => {
  await using lambda = await streamingFunction();
  const event = Buffer.from(JSON.stringify({ mebibytes: 20 }));
  const result = await lambda.invoke(invocation("a", event), ({ body }) => body.once("data", () => body.destroy()));
  assert.is(result.functionError, undefined);
});

const prelude = { statusCode: 201, headers: { "X-A": "1" }, cookies: ["c=1", "d=2"] };
const http = "application/vnd.awslambda.http-integration-response";

test("a RESPONSE_STREAM url takes status, headers and cookies from the prelude (6.3)", async () => {
  const { status, headers, body } = await url("RESPONSE_STREAM", { prelude, chunks: ["<p>", "hi"], type: http });
  assert.is(status, 201);
  assert.is(headers["x-a"], "1");
  assert.equal(headers["set-cookie"], ["c=1", "d=2"]);
  assert.is(body.toString(), "<p>hi");
});

test("a RESPONSE_STREAM url passes a body without prelude on as it is", async () => {
  const { status, headers, body } = await url("RESPONSE_STREAM", { chunks: ["hi"], type: "text/css" });
  assert.is(status, 200);
  assert.is(headers["content-type"], "text/css");
  assert.is(body.toString(), "hi");
});

test("a RESPONSE_STREAM url answers a stream without the end of its prelude with 502", async () => {
  assert.is((await url("RESPONSE_STREAM", { chunks: ["{}"], type: http })).status, 502);
});

test("a BUFFERED url uses the metadata of a streamed response and drops its body (6.3)", async () => {
  const { status, headers, body } = await url("BUFFERED", { prelude, chunks: ["hi"], type: http });
  assert.is(status, 201);
  assert.is(headers["x-a"], "1");
  assert.is(body.length, 0);
});

test("a BUFFERED url takes a result with a status code apart", async () => {
  const buffered = JSON.stringify({ statusCode: 418, body: "tea" });
  const { status, body } = await url("BUFFERED", { buffered });
  assert.is(status, 418);
  assert.is(body.toString(), "tea");
});

test.run();

function invocation(requestId: string, event: Uint8Array) {
  return {
    requestId,
    invocationId: `${requestId}-1`,
    event,
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:hello",
  };
}

async function invoke(event: Streamed) {
  return served(await streamingFunction(), "/2015-03-31/functions/hello/invocations", event);
}

async function invokeStream(event: Streamed, timeoutMs?: number, pace?: StreamPace) {
  const lambda = await streamingFunction(timeoutMs, pace);
  const answer = await served(lambda, "/2021-11-15/functions/hello/response-streaming-invocations", event);
  return { ...answer, messages: parse(answer.body) };
}

async function served(lambda: LambdaFunction, path: string, event: Streamed) {
  await using _lambda = lambda;
  await using service = new LambdaService(lambda);
  return await post(`http://${await service.listen(0)}${path}`, JSON.stringify(event));
}

/** A function URL hands the function an HTTP event; the runtime of these tests reads its orders from the body. */
async function url(mode: InvokeMode, event: Streamed) {
  await using lambda = await streamingFunction();
  const run = lambda.invoke.bind(lambda);
  lambda.invoke = (given, streamed) => {
    const { body } = JSON.parse(Buffer.from(given.event).toString());
    return run({ ...given, event: Buffer.from(body) }, streamed);
  };
  await using functionUrl = new FunctionUrl(lambda, { mode });
  return await post(`http://${await functionUrl.listen(0)}/`, JSON.stringify(event));
}

function post(target: string, body: string) {
  return new Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>((resolve, reject) => {
    const request = httpRequest(
      target,
      { method: "POST", agent: false, headers: { "content-type": "application/json" } },
      (response) => {
        const { statusCode = 0, headers } = response;
        buffer(response).then((bytes) => resolve({ status: statusCode, headers, body: bytes }), reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Event-stream messages, read without the code that wrote them. */
function parse(bytes: Buffer) {
  const messages = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const length = bytes.readUInt32BE(at);
    const headersLength = bytes.readUInt32BE(at + 4);
    const head = bytes.subarray(at + 12, at + 12 + headersLength).toString("latin1");
    const payload = bytes.subarray(at + 12 + headersLength, at + length - 4).toString();
    messages.push({ type: /(PayloadChunk|InvokeComplete)/.exec(head)?.[0] ?? "", payload });
  }
  return messages;
}

function payloads(messages: ReturnType<typeof parse>): string {
  return messages
    .filter(({ type }) => type === "PayloadChunk")
    .map(({ payload }) => payload)
    .join("");
}
