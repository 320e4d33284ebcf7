/** The Lambda API's Invoke over real HTTP, with a runtime in this process behind it: what it takes. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type Handed, type Play, played } from "./in-process-runtime.ts";
import { arn, header, invoke } from "./invoke-requests.ts";
import { exchange, request } from "./raw-client.ts";

const test = suite("the Invoke API");

const json = "Content-Type: application/json";
const echo: Play = ({ event }) => event;
const context = (text: string) => ({ "X-Amz-Client-Context": Buffer.from(text).toString("base64") });
const perTenant = { tenantIsolationMode: "PER_TENANT" } as const;

test("answers a synchronous invocation with the function's bytes and these headers", async () => {
  await using service = await played(echo);
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
  const bytes = invoke({ "X-Amzn-RequestId": "my-own-id", "X-Amzn-Trace-Id": trace }, '{"a": "<&>"}');
  const response = await exchange(service.address, bytes);
  assert.is(`${response.status} ${response.body}`, '200 {"a": "<&>"}');
  assert.equal(response.lines, [
    json,
    "X-Amzn-RequestId: my-own-id",
    "X-Amz-Executed-Version: $LATEST",
    `X-Amzn-Trace-Id: ${trace}`,
    "Content-Length: 12",
    "Date",
  ]);
});

test("mints a request id and a trace with a lineage where the caller has none", async () => {
  await using service = await played(({ headers }) => JSON.stringify(headers["lambda-runtime-trace-id"]));
  const response = await exchange(service.address, invoke());
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  assert.match(header(response, "X-Amzn-RequestId") ?? "", uuid);
  const trace = header(response, "X-Amzn-Trace-Id") ?? "";
  assert.match(trace, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0$/);
  assert.is(response.body.toString(), `"${trace}"`);
});

test("answers 500 while the function is being closed, and nothing breaks", async () => {
  await using service = await played(echo);
  await service.lambda.close();
  const response = await exchange(service.address, invoke());
  assert.is(response.status, 500);
  assert.is(header(response, "X-Amzn-ErrorType"), "ServiceException");
});

test("refuses an asynchronous event over 1 MiB", async () => {
  await using service = await played(echo);
  const event = { "X-Amz-Invocation-Type": "Event" };
  const text = (bytes: number) => JSON.stringify("a".repeat(bytes - 2));
  assert.is((await exchange(service.address, invoke(event, text(1_048_577)))).status, 413);
  assert.is((await exchange(service.address, invoke(event, text(1_048_576)))).status, 202);
});

test("does not take a request id that a path would lead astray", async () => {
  await using service = await played(echo);
  const response = await exchange(service.address, invoke({ "X-Amzn-RequestId": ".." }));
  assert.match(header(response, "X-Amzn-RequestId") ?? "", /^[0-9a-f-]{36}$/);
});

test("an empty event is an empty object", async () => {
  await using service = await played(echo);
  assert.is((await exchange(service.address, invoke({}, ""))).body.toString(), "{}");
});

test("marks a function error and passes its bytes on", async () => {
  await using service = await played(() => {
    throw new Error('{"errorType":"Mine","errorMessage":"no","requestId":"x"}');
  });
  const response = await exchange(service.address, invoke());
  assert.is(response.status, 200);
  assert.is(header(response, "X-Amz-Function-Error"), "Unhandled");
  assert.is(response.body.toString(), '{"errorType":"Mine","errorMessage":"no","requestId":"x"}');
});

test("answers a dry run with 204, no body and no length, and runs nothing", async () => {
  await using service = await played(echo);
  const bytes = invoke({ "X-Amz-Invocation-Type": "DryRun", "X-Amzn-RequestId": "dry" });
  const response = await exchange(service.address, bytes);
  assert.is(response.status, 204);
  assert.equal(response.lines, ["X-Amzn-RequestId: dry", "X-Amz-Executed-Version: $LATEST", "Date"]);
  assert.equal(await service.lambda.environments(), []);
});

test("answers an asynchronous invocation with 202 and runs it, without its client context", async () => {
  let handed: (value: Handed) => void = () => {};
  const ran = new Promise<Handed>((resolve) => {
    handed = resolve;
  });
  await using service = await played((value) => {
    handed(value);
    return "1";
  });
  const context = Buffer.from("{}").toString("base64");
  const headers = { "X-Amz-Invocation-Type": "Event", "X-Amz-Client-Context": context, "X-Amzn-RequestId": "async" };
  const response = await exchange(service.address, invoke(headers, '{"later":1}'));
  assert.is(response.status, 202);
  assert.equal(response.lines, ["X-Amzn-RequestId: async", "Content-Length: 0", "Date"]);
  const { event, requestId, headers: got } = await ran;
  assert.equal([event, requestId, got["lambda-runtime-client-context"]], ['{"later":1}', "async", undefined]);
});

test("holds a log tail back until END and REPORT are in it", async () => {
  await using service = await played((_, log) => {
    log("one\ntwo\n");
    return "1";
  });
  const bytes = invoke({ "X-Amz-Log-Type": "Tail", "X-Amzn-RequestId": "tailed" });
  const response = await exchange(service.address, bytes);
  const tail = Buffer.from(header(response, "X-Amz-Log-Result") ?? "", "base64").toString();
  const report =
    /^REPORT RequestId: tailed\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: \d+\.\d\d ms\t$/;
  const [start, one, two, end, last = "", nothing] = tail.split("\n");
  assert.equal(
    [start, one, two, end, nothing],
    ["START RequestId: tailed Version: $LATEST", "one", "two", "END RequestId: tailed", ""],
  );
  assert.match(last, report);
});

test("a log tail has 4,096 bytes at most and ends with its own REPORT", async () => {
  await using service = await played((_, log) => {
    for (let n = 0; n < 2_000; n++) log(`line ${n} of many\n`);
    return "1";
  });
  for (const id of ["first", "second"]) {
    const response = await exchange(service.address, invoke({ "X-Amz-Log-Type": "Tail", "X-Amzn-RequestId": id }));
    const tail = Buffer.from(header(response, "X-Amz-Log-Result") ?? "", "base64");
    assert.is(tail.length, 4_096);
    assert.match(
      tail.toString(),
      new RegExp(`\\nline 1999 of many\\nEND RequestId: ${id}\\nREPORT RequestId: ${id}\\t[^\\n]+\\n$`),
    );
  }
});

const names = [
  ["hello", arn, "hello"],
  ["function", arn, "hello"],
  ["hello:$LATEST", arn, "hello:$LATEST"],
  ["123456789012:function:hello", arn, "hello"],
  ["function:hello", arn, "hello"],
  [`${arn}:hello`, arn, "hello"],
  [`${arn}:hello:$LATEST`, arn, "hello:$LATEST"],
  ["hello?Qualifier=$LATEST", arn, "hello:$LATEST"],
  ["hello:$LATEST?Qualifier=%24LATEST", arn, "hello:$LATEST"],
] as const;
for (const [given, base, expected] of names) {
  test(`finds the function by ${given}`, async () => {
    await using service = await played(({ headers }) => JSON.stringify(headers["lambda-runtime-invoked-function-arn"]));
    const [name = "", query] = given.split("?");
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query ? `?${query}` : ""}`;
    const response = await exchange(service.address, request(`POST ${path}`, {}, "{}"));
    assert.is(response.body.toString(), `"${base}:${expected}"`);
  });
}

test("takes an event of 6,291,456 bytes, and answers one more with 413", async () => {
  await using service = await played(({ event }) => String(event.length), { timeoutMs: 60_000 });
  const event = (bytes: number) => Buffer.from(`"${"a".repeat(bytes - 2)}"`);
  const largest = await exchange(service.address, invoke({}, event(6_291_456)));
  assert.is(`${largest.status} ${largest.body}`, "200 6291456");
  for (const bytes of [6_291_457, 6_291_600]) {
    const refused = await exchange(service.address, invoke({}, event(bytes)));
    const message = '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}';
    assert.is(`${refused.status} ${refused.body}`, `413 ${message}`);
    assert.is(header(refused, "X-Amzn-ErrorType"), "RequestEntityTooLargeException");
  }
});

const contexts = [
  ["as it is", '{"client":{"n":12345678901234567890},"a":1}', '{"client":{"n":12345678901234567890},"a":1}'],
  ["with line ends as blanks", '{\r\n\t"a": 1\n}', '{   "a": 1 }'],
  ["with other letters escaped", '{"ä":"\u{1f600}"}', '{"\\u00e4":"\\ud83d\\ude00"}'],
  ["with DEL escaped", '{"a":"\x7f"}', '{"a":"\\u007f"}'],
] as const;
for (const [how, given, expected] of contexts) {
  test(`passes the client context on ${how}`, async () => {
    await using service = await played(({ headers }) => JSON.stringify(headers["lambda-runtime-client-context"]));
    const response = await exchange(service.address, invoke(context(given)));
    assert.is(JSON.parse(response.body.toString()), expected);
  });
}

test("passes the tenant on", async () => {
  await using service = await played(
    ({ headers }) => JSON.stringify(headers["lambda-runtime-aws-tenant-id"]),
    perTenant,
  );
  const response = await exchange(service.address, invoke({ "X-Amz-Tenant-Id": "blue 1" }));
  assert.is(response.body.toString(), '"blue 1"');
});

test("gives each tenant environments of its own, and uses them again", async () => {
  await using service = await played(echo, perTenant);
  for (const tenant of ["blue", "green", "blue", "green"]) {
    await exchange(service.address, invoke({ "X-Amz-Tenant-Id": tenant, "X-Amz-Log-Type": "Tail" }));
  }
  assert.is((await service.lambda.environments()).length, 2);
});

for (const id of ["../../x", "a b", "a/b", "\u00e4", "a".repeat(129), "a%0d%0a"]) {
  test(`does not take ${JSON.stringify(id.slice(0, 20))} as a request id`, async () => {
    await using service = await played(({ requestId }) => JSON.stringify(requestId));
    const response = await exchange(service.address, invoke({ "X-Amzn-RequestId": id }));
    assert.match(response.body.toString(), /^"[0-9a-f-]{36}"$/);
  });
}

test("does not take a trace that could not stand in a header again", async () => {
  await using service = await played(({ headers }) => JSON.stringify(headers["lambda-runtime-trace-id"]));
  const response = await exchange(service.address, invoke({ "X-Amzn-Trace-Id": "Root=\u00e4" }));
  assert.match(response.body.toString(), /^"Root=1-/);
});

for (const host of ["localhost", "LOCALHOST:9001", "127.0.0.1:1", "127.1.2.3", "[::1]:9001"]) {
  test(`serves the host ${host}`, async () => {
    await using service = await played(echo);
    assert.is((await exchange(service.address, invoke({ Host: host }))).status, 200);
  });
}

test.run();
