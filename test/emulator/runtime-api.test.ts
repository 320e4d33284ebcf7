/** The Runtime API over real HTTP, byte for byte. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { staged } from "./staged-environment.ts";

const test = suite("the Runtime API");

const next = request("GET /2018-06-01/runtime/invocation/next");
const json = ["Content-Type: application/json"];
const refusal = (errorMessage: string, errorType: string) =>
  `{"errorMessage":"${errorMessage}","errorType":"${errorType}"}\n`;
const notAllowed = (from: string, to: string) =>
  refusal(
    `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
    "InvalidStateTransition",
  );

function answer(kind: "response" | "error", id: string, body: string | Buffer = '"ok"', headers = {}): Buffer {
  return request(`POST /2018-06-01/runtime/invocation/${id}/${kind}`, headers, body);
}

const text = ["Content-Type: text/plain; charset=utf-8"];
const plain = [
  ["ping", "GET /2018-06-01/ping", 200, [...text, "Content-Length: 4", "Date"], "pong"],
  ["an unknown path", "GET /2018-06-01/nothing", 404, [...text, "Content-Length: 19", "Date"], "404 page not found\n"],
  ["another version", "GET /2015-01-01/ping", 404, [...text, "Content-Length: 19", "Date"], "404 page not found\n"],
  ["a path with a slash too many", "GET /2018-06-01/ping/", 404, undefined, "404 page not found\n"],
  ["restore/next", "GET /2018-06-01/runtime/restore/next", 404, undefined, "404 page not found\n"],
  ["restore/error", "POST /2018-06-01/runtime/restore/error", 404, undefined, "404 page not found\n"],
  ["a POST to next", "POST /2018-06-01/runtime/invocation/next", 405, ["Content-Length: 0", "Date"], ""],
  ["a GET of a response", "GET /2018-06-01/runtime/invocation/r-1/response", 405, ["Content-Length: 0", "Date"], ""],
  ["a PUT to init/error", "PUT /2018-06-01/runtime/init/error", 405, undefined, ""],
  ["a query behind the path", "GET /2018-06-01/ping?a=b", 200, undefined, "pong"],
  ["a request line with the whole URL", "GET http://127.0.0.1:9001/2018-06-01/ping", 200, undefined, "pong"],
] as const;
for (const [name, line, status, lines, body] of plain) {
  test(`answers ${name} with ${status}`, async () => {
    await using stage = await staged();
    const response = await exchange(stage.api, request(line));
    assert.is(response.status, status);
    if (lines !== undefined) assert.equal(response.lines, lines);
    assert.is(response.body.toString(), body);
  });
}

test("hands out an event with the headers that its invocation has, and no others", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1", { event: Buffer.from(' {"n": 1} \n') });
  const before = Date.now();
  const response = await exchange(stage.api, next);
  assert.is(response.status, 200);
  assert.is(response.body.toString(), ' {"n": 1} \n');
  const deadline = Number(
    response.lines.find((line) => line.startsWith("Lambda-Runtime-Deadline-Ms: "))?.split(" ")[1],
  );
  assert.ok(deadline >= before + 5_000 && deadline <= Date.now() + 5_001);
  assert.equal(response.lines, [
    ...json,
    "Lambda-Runtime-Aws-Request-Id: r-1",
    "Lambda-Runtime-Invocation-Id: attempt-of-r-1",
    `Lambda-Runtime-Deadline-Ms: ${deadline}`,
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:hello",
    "Content-Length: 11",
    "Date",
  ]);
  assert.is((await exchange(stage.api, answer("response", "r-1"))).status, 202);
  assert.equal(await result, { payload: Buffer.from('"ok"') });
});

test("adds trace, client context and tenant where the invocation has them", async () => {
  await using stage = await staged();
  const traceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=3995c3f42cd8ad8;Sampled=1";
  const clientContext = '{"custom":{"a":"1"}}';
  stage.invoke("r-1", { traceId, clientContext, tenantId: "tenant-1" });
  const { lines } = await exchange(stage.api, next);
  assert.equal(lines.slice(5, 8), [
    `Lambda-Runtime-Trace-Id: ${traceId}`,
    `Lambda-Runtime-Client-Context: ${clientContext}`,
    "Lambda-Runtime-Aws-Tenant-Id: tenant-1",
  ]);
});

test("accepts a response with 202, a newline and no word about the connection", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const response = await exchange(stage.api, answer("response", "r-1", '{"a":"<&>"}'));
  assert.is(response.status, 202);
  assert.equal(response.lines, [...json, "Content-Length: 16", "Date"]);
  assert.is(response.body.toString(), '{"status":"OK"}\n');
  assert.equal(await result, { payload: Buffer.from('{"a":"<&>"}') });
});

test("gives the caller an error's bytes as they were posted", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const body = '{"errorMessage":"no","errorType":"Mine","requestId":"r-1","extra":[1]}';
  const response = await exchange(stage.api, answer("error", "r-1", body, { "Content-Type": "text/odd" }));
  assert.is(response.status, 202);
  assert.equal(await result, { payload: Buffer.from(body), functionError: "Unhandled" });
});

const emptyErrors = [
  ["Function.Custom", "Function.Custom"],
  ["Function.nope", "Function.Unknown"],
  ["whatever", "Runtime.Unknown"],
  ["My Runtime.Thing", "My Runtime.Thing"],
] as const;
for (const [given, recorded] of emptyErrors) {
  test(`makes up the body of an error without one, of type ${recorded} for "${given}"`, async () => {
    await using stage = await staged();
    const result = stage.invoke("r-1");
    await exchange(stage.api, next);
    await exchange(stage.api, answer("error", "r-1", "", { "Lambda-Runtime-Function-Error-Type": given }));
    const expected = `{"errorMessage":"Unknown application error occurred","errorType":"${recorded}"}`;
    assert.is(Buffer.from((await result).payload).toString(), expected);
  });
}

test("refuses a response before anything is pending with 400", async () => {
  await using stage = await staged();
  const response = await exchange(stage.api, answer("response", "r-1"));
  assert.is(response.status, 400);
  assert.equal(response.lines, [...json, "Content-Length: 69", "Date"]);
  assert.is(response.body.toString(), refusal("Invalid request ID", "InvalidRequestID"));
});

test("refuses a response to the invocation that nobody has fetched with 403", async () => {
  await using stage = await staged();
  stage.invoke("r-1");
  const response = await exchange(stage.api, answer("response", "r-1"));
  assert.is(`${response.status} ${response.body}`, `403 ${notAllowed("Started", "InvocationResponse")}`);
});

for (const id of ["r-2", "", "__proto__", "constructor", "r-1%2f", "r-1%00", "R-1", "%", "r-1;x"]) {
  test(`refuses the request id "${id}", which is nobody's, with 400`, async () => {
    await using stage = await staged();
    stage.invoke("r-1");
    await exchange(stage.api, next);
    const response = await exchange(stage.api, answer("response", id));
    assert.is(`${response.status} ${response.body}`, `400 ${refusal("Invalid request ID", "InvalidRequestID")}`);
    assert.is((await exchange(stage.api, answer("response", "r-1"))).status, 202);
  });
}

test("refuses the request id of an invocation in hand in another environment with 400 (limits.md 3.2 row 6)", async () => {
  await using stage = await staged();
  await using other = await staged();
  stage.invoke("r-1");
  other.invoke("r-2");
  await exchange(stage.api, next);
  await exchange(other.api, next);
  const response = await exchange(stage.api, answer("response", "r-2"));
  assert.is(`${response.status} ${response.body}`, `400 ${refusal("Invalid request ID", "InvalidRequestID")}`);
  assert.is((await exchange(other.api, answer("response", "r-2"))).status, 202);
});

test("refuses a second response with 403, and with 400 when the invocation is over", async () => {
  await using stage = await staged({ extensions: ["busy.sh"] });
  stage.invoke("r-1");
  const identifier = await registered(stage.api, "busy.sh", '{"events":["INVOKE"]}');
  const event = exchange(
    stage.api,
    request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }),
  );
  await exchange(stage.api, next);
  await event;
  assert.is((await exchange(stage.api, answer("response", "r-1"))).status, 202);
  const second = await exchange(stage.api, answer("response", "r-1"));
  assert.is(`${second.status} ${second.body}`, `403 ${notAllowed("RuntimeResponseSentState", "InvocationResponse")}`);
  const late = await exchange(stage.api, answer("error", "r-1"));
  assert.is(`${late.status} ${late.body}`, `403 ${notAllowed("RuntimeResponseSentState", "InvocationErrorResponse")}`);
  using runtime = await rawClient(stage.api);
  runtime.write(next);
  using extension = await rawClient(stage.api);
  extension.write(request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }));
  await stage.environment.available();
  assert.is((await exchange(stage.api, answer("response", "r-1"))).status, 400);
});

test("gives the same event again to a runtime that asks again before it answers", async () => {
  await using stage = await staged();
  stage.invoke("r-1");
  const first = await exchange(stage.api, next);
  assert.equal(await exchange(stage.api, next), first);
});

test("refuses a stale attempt's echo of the invocation id with 410", async () => {
  await using stage = await staged();
  stage.invoke("r-1");
  await exchange(stage.api, next);
  const stale = answer("response", "r-1", '"old"', { "Lambda-Runtime-Invocation-Id": "attempt-of-r-0" });
  const response = await exchange(stage.api, stale);
  assert.is(`${response.status} ${response.body}`, `410 ${refusal("Invoke timeout", "InvokeTimeout")}`);
  const fresh = answer("response", "r-1", '"new"', { "lambda-runtime-invocation-id": "attempt-of-r-1" });
  assert.is((await exchange(stage.api, fresh)).status, 202);
});

test("refuses an unknown response mode with 400, and every later next with 403", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const odd = answer("response", "r-1", '"x"', { "Lambda-Runtime-Function-Response-Mode": "Streaming" });
  const response = await exchange(stage.api, odd);
  const expected = refusal("Invalid function response mode", "InvalidFunctionResponseMode");
  assert.is(`${response.status} ${response.body}`, `400 ${expected}`);
  assert.is((await result).functionError, "Unhandled");
  assert.equal(
    JSON.parse(Buffer.from((await result).payload).toString()).errorType,
    "Runtime.InvalidResponseModeHeader",
  );
  const after = await exchange(stage.api, next);
  assert.is(`${after.status} ${after.body}`, `403 ${notAllowed("InvocationResponse", "Ready")}`);
});

test("takes 6,291,556 bytes, and answers one more with 413 and goes on", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  assert.is((await exchange(stage.api, answer("response", "r-1", Buffer.alloc(6_291_556, "a")))).status, 202);
  assert.is((await result).payload.length, 6_291_556);
  using client = await rawClient(stage.api);
  client.write(next);
  await stage.environment.available();
  const second = stage.invoke("r-2");
  await client.response();
  const refused = await client.write(answer("response", "r-2", Buffer.alloc(6_291_557, "a"))).response();
  assert.is(refused?.status, 413);
  const tooLarge = "Exceeded maximum allowed payload size (6291556 bytes).";
  assert.is(refused?.body.toString(), refusal(tooLarge, "RequestEntityTooLarge"));
  assert.equal(JSON.parse(Buffer.from((await second).payload).toString()), {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
  client.write(next);
  await stage.environment.available();
  const third = stage.invoke("r-3");
  assert.is((await client.response())?.status, 200);
  await client.write(answer("response", "r-3")).response();
  assert.is((await third).functionError, undefined);
});

test("accepts init/error once, and refuses it after next", async () => {
  await using stage = await staged();
  await stage.until(() => true);
  const result = stage.invoke("r-1");
  const initError = request("POST /2018-06-01/runtime/init/error", {}, '{"errorMessage":"no","errorType":"Mine"}');
  const accepted = await exchange(stage.api, initError);
  assert.is(`${accepted.status} ${accepted.body}`, '202 {"status":"OK"}\n');
  const again = await exchange(stage.api, initError);
  assert.is(`${again.status} ${again.body}`, `403 ${notAllowed("InitError", "InitError")}`);
  const waiting = await exchange(stage.api, next);
  assert.is(`${waiting.status} ${waiting.body}`, `403 ${notAllowed("InitError", "Ready")}`);
  stage.exit("runtime", { how: "code", code: 1 });
  // The Init is repeated inside the invocation, and this time the caller gets the report.
  await stage.until(() => stage.told.filter((what) => what === "start runtime").length === 2);
  await exchange(stage.api, initError);
  assert.equal(await result, {
    payload: Buffer.from('{"errorMessage":"no","errorType":"Mine"}'),
    functionError: "Unhandled",
  });
});

test("refuses init/error after next with 403", async () => {
  await using stage = await staged();
  stage.invoke("r-1");
  await exchange(stage.api, next);
  const response = await exchange(stage.api, request("POST /2018-06-01/runtime/init/error"));
  assert.is(`${response.status} ${response.body}`, `403 ${notAllowed("Running", "InitError")}`);
});

async function registered(api: string, name: string, body: string): Promise<string> {
  const register = request("POST /2020-01-01/extension/register", { "Lambda-Extension-Name": name }, body);
  const { lines } = await exchange(api, register);
  return lines.find((line) => line.startsWith("Lambda-Extension-Identifier: "))?.split(": ")[1] ?? "";
}

test.run();
