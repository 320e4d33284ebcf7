/** The Lambda API's Invoke over real HTTP, with a runtime in this process behind it. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type Handed, type Play, played } from "./in-process-runtime.ts";
import { exchange, type RawResponse, rawClient, request } from "./raw-client.ts";

const test = suite("the Invoke API");

const arn = "arn:aws:lambda:us-east-1:123456789012:function";
const json = "Content-Type: application/json";
const echo: Play = ({ event }) => event;
const perTenant = { tenantIsolationMode: "PER_TENANT" } as const;

function invoke(headers: Readonly<Record<string, string>> = {}, body: string | Buffer = "{}", name = "hello"): Buffer {
  return request(`POST /2015-03-31/functions/${name}/invocations`, headers, body);
}

function header({ lines }: RawResponse, name: string): string | undefined {
  const line = lines.find((candidate) => candidate.toLowerCase().startsWith(`${name.toLowerCase()}: `));
  return line?.slice(name.length + 2);
}

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

const pattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\\\d{1}:)?(\\\\d{12}:)?(function:)?([a-zA-Z0-9-_\\\\.]+)(:(\\\\$LATEST(\\\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const invalidName = (name: string) =>
  `{"message":"1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}"}`;
const notFound = (name: string) => `{"Message":"Function not found: ${arn}:${name}","Type":"User"}`;
const tooLong = "a".repeat(129);
const user = (message: string) => `{"Type":"User","message":"${message}"}`;
const parse = "Could not parse request body into json: Could not parse payload into json: ";
const wrongNames = [
  ["doesnotexist", 404, "ResourceNotFoundException", notFound("doesnotexist:$LATEST")],
  ["hello:1", 404, "ResourceNotFoundException", notFound("hello:1")],
  ["hello?Qualifier=prod", 404, "ResourceNotFoundException", notFound("hello:prod")],
  ["hello?Qualifier=$latest", 404, "ResourceNotFoundException", notFound("hello:$latest")],
  ["a".repeat(65), 404, "ResourceNotFoundException", notFound(`${"a".repeat(65)}:$LATEST`)],
  [
    "arn:aws:lambda:eu-west-1:123456789012:function:hello",
    404,
    "ResourceNotFoundException",
    `{"Message":"Functions from 'eu-west-1' are not reachable in this region ('us-east-1')","Type":"User"}`,
  ],
  [
    "hello:$LATEST?Qualifier=1",
    400,
    "InvalidParameterValueException",
    user("The derived qualifier from the function name does not match the specified qualifier."),
  ],
  ["my-function!", 400, "ValidationException", invalidName("my-function!")],
  ["*", 400, "ValidationException", invalidName("*")],
  [`${arn}:hello:1:2`, 400, "ValidationException", invalidName(`${arn}:hello:1:2`)],
  [
    `hello?Qualifier=${tooLong}`,
    400,
    "ValidationException",
    `{"message":"1 validation error detected: Value '${tooLong}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128"}`,
  ],
  [
    "hello?Qualifier=invalid!",
    400,
    "ValidationException",
    `{"message":"1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\\\$(LATEST(\\\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"}`,
  ],
] as const;
for (const [given, status, type, body] of wrongNames) {
  test(`refuses ${given.slice(0, 60)} with ${status} ${type}`, async () => {
    await using service = await played(echo);
    const [name = "", query] = given.split("?");
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query ? `?${query}` : ""}`;
    const response = await exchange(service.address, request(`POST ${path}`, { "X-Amzn-RequestId": "r" }, "{}"));
    assert.is(`${response.status} ${response.body}`, `${status} ${body}`);
    assert.equal(response.lines.slice(0, 3), [json, "X-Amzn-RequestId: r", `X-Amzn-ErrorType: ${type}`]);
    assert.equal(await service.lambda.environments(), []);
  });
}

const context = (text: string) => ({ "X-Amz-Client-Context": Buffer.from(text).toString("base64") });
const contextLimit = "Client context must be no more than 3583 bytes when base64-encoded.";
const noContext = user("Client context must be a valid Base64-encoded JSON object.");
const refusals = [
  [
    "an event that is not JSON",
    {},
    "{a:1}",
    400,
    "InvalidRequestContentException",
    new RegExp(`^\\{"Type":"User","message":"${parse}.+"\\}$`),
  ],
  [
    "an event that is not UTF-8",
    {},
    Buffer.from([0x22, 0xff, 0x22]),
    400,
    "InvalidRequestContentException",
    new RegExp(parse),
  ],
  [
    "an unknown invocation type",
    { "X-Amz-Invocation-Type": "Odd" },
    "{}",
    400,
    "InvalidParameterValueException",
    /Odd is not a valid value for the header X-Amz-Invocation-Type/,
  ],
  [
    "a client context that is not base64",
    { "X-Amz-Client-Context": "{}" },
    "{}",
    400,
    "InvalidRequestContentException",
    noContext,
  ],
  ["a client context that is not JSON", context("{"), "{}", 400, "InvalidRequestContentException", noContext],
  ["a client context that is no object", context('"a"'), "{}", 400, "InvalidRequestContentException", noContext],
  [
    "a client context of 3,584 bytes",
    { "X-Amz-Client-Context": "a".repeat(3_584) },
    "{}",
    400,
    "InvalidParameterValueException",
    user(contextLimit),
  ],
  [
    "a tenant of a function that has none",
    { "X-Amz-Tenant-Id": "blue" },
    "{}",
    400,
    "InvalidParameterValueException",
    /does not isolate tenants/,
  ],
] as const;
for (const [what, headers, body, status, type, expected] of refusals) {
  test(`refuses ${what} with ${status} ${type}`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, invoke(headers, body));
    assert.is(response.status, status);
    assert.is(header(response, "X-Amzn-ErrorType"), type);
    if (typeof expected === "string") assert.is(response.body.toString(), expected);
    else assert.match(response.body.toString(), expected);
    assert.equal(await service.lambda.environments(), []);
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

const tenantMistakes = [
  ["no tenant", undefined, "InvalidParameterValueException", /add a tenant id in the header X-Amz-Tenant-Id/],
  ["an empty tenant", "", "ValidationException", /must satisfy regular expression pattern/],
  ["a tenant in other letters", "\u00e4", "ValidationException", /must satisfy regular expression pattern/],
  ["a tenant of 257 letters", "a".repeat(257), "ValidationException", /less than or equal to 256/],
] as const;
for (const [what, tenant, type, message] of tenantMistakes) {
  test(`refuses ${what} for a function that isolates its tenants`, async () => {
    await using service = await played(echo, perTenant);
    const response = await exchange(service.address, invoke(tenant === undefined ? {} : { "X-Amz-Tenant-Id": tenant }));
    assert.is(`${response.status} ${header(response, "X-Amzn-ErrorType")}`, `400 ${type}`);
    assert.match(response.body.toString(), message);
  });
}

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

const strangers = [
  ["another host", { Host: "evil.example" }],
  ["a host that only begins like ours", { Host: "localhost.evil.example:80" }],
  ["a host with a user in it", { Host: "127.0.0.1@evil.example" }],
  ["an empty host", { Host: "" }],
  ["a web page", { Origin: "http://localhost:3000" }],
  ["a sandboxed web page", { Origin: "null" }],
  ["another site", { "Sec-Fetch-Site": "cross-site" }],
] as const;
for (const [what, headers] of strangers) {
  test(`refuses ${what} with 403 and runs nothing`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, invoke(headers));
    assert.is(response.status, 403);
    assert.is(header(response, "X-Amzn-ErrorType"), "AccessDeniedException");
    assert.equal(await service.lambda.environments(), []);
  });
}

const lines = [
  ["a second Host", "POST /2015-03-31/functions/hello/invocations HTTP/1.1\r\nHost: localhost\r\nHost: evil.example"],
  [
    "a URL with another host",
    "POST http://evil.example/2015-03-31/functions/hello/invocations HTTP/1.1\r\nHost: localhost",
  ],
  ["HTTP/1.0 without a Host", "POST /2015-03-31/functions/hello/invocations HTTP/1.0"],
] as const;
for (const [what, head] of lines) {
  test(`refuses ${what} with 403`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, `${head}\r\nContent-Length: 2\r\n\r\n{}`);
    assert.is(response.status, 403);
  });
}

for (const host of ["localhost", "LOCALHOST:9001", "127.0.0.1:1", "127.1.2.3", "[::1]:9001"]) {
  test(`serves the host ${host}`, async () => {
    await using service = await played(echo);
    assert.is((await exchange(service.address, invoke({ Host: host }))).status, 200);
  });
}

test("answers other operations so that an SDK can name them", async () => {
  await using service = await played(echo);
  const response = await exchange(service.address, request("GET /2015-03-31/functions?MaxItems=1"));
  assert.is(response.status, 404);
  assert.is(header(response, "X-Amzn-ErrorType"), "UnknownOperationException");
  const message = 'This Lambda API has one operation, Invoke, and \\"GET /2015-03-31/functions\\" is not it';
  assert.is(response.body.toString(), `{"message":"${message}"}`);
  assert.is((await exchange(service.address, request("GET /2015-03-31/functions/hello/invocations"))).status, 405);
});

test("gives concurrent invocations environments of their own, and the one beyond them 429", async () => {
  const gate = new Gate();
  await using service = await played(({ event }) => gate.passed.then(() => event), { environmentsMax: 3 });
  const answers = [1, 2, 3].map((n) => exchange(service.address, invoke({}, String(n))));
  while ((await service.lambda.environments()).length < 3) await exchange(service.address, request("GET /"));
  const refused = await exchange(service.address, invoke({ "X-Amzn-RequestId": "one-too-many" }, "4"));
  const body =
    '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}';
  assert.is(`${refused.status} ${refused.body}`, `429 ${body}`);
  assert.is(header(refused, "X-Amzn-ErrorType"), "TooManyRequestsException");
  gate.open();
  assert.equal(
    (await Promise.all(answers)).map(({ body: payload }) => payload.toString()),
    ["1", "2", "3"],
  );
  for (const environment of await service.lambda.environments()) await environment.available();
  assert.is((await exchange(service.address, invoke({}, "5"))).body.toString(), "5");
  assert.is((await service.lambda.environments()).length, 3);
});

test("one after another, invocations stay in one environment", async () => {
  await using service = await played(echo);
  using client = await rawClient(service.address);
  for (let n = 0; n < 20; n++) {
    assert.is((await client.write(invoke({}, String(n))).response())?.body.toString(), String(n));
    for (const environment of await service.lambda.environments()) await environment.available();
  }
  assert.is((await service.lambda.environments()).length, 1);
});

test("two callers may choose the same request id at the same time", async () => {
  const gate = new Gate();
  await using service = await played(({ event }) => gate.passed.then(() => event));
  const answers = ["1", "2"].map((n) => exchange(service.address, invoke({ "X-Amzn-RequestId": "same" }, n)));
  while ((await service.lambda.environments()).length < 2) await exchange(service.address, request("GET /"));
  gate.open();
  assert.equal(
    (await Promise.all(answers)).map(({ body }) => body.toString()),
    ["1", "2"],
  );
});

test("a caller that hangs up does not stop its invocation", async () => {
  const begun = new Gate();
  const gate = new Gate();
  const finished = new Gate();
  await using service = await played(async () => {
    begun.open();
    await gate.passed;
    finished.open();
    return "1";
  });
  const client = await rawClient(service.address);
  client.write(invoke());
  await begun.passed;
  client.socket.destroy();
  gate.open();
  await finished.passed;
  const [environment] = await service.lambda.environments();
  await environment?.available();
  assert.is(environment?.state.phase.at, "idle");
  assert.is((await exchange(service.address, invoke({}, "2"))).body.toString(), "1");
});

test("a function that was closed takes no more invocations", async () => {
  await using service = await played(echo);
  await service.lambda.close();
  const invocation = { requestId: "r", invocationId: "i", event: Buffer.from("{}"), invokedFunctionArn: arn };
  const outcome = await service.lambda.invoke(invocation).then(String, (error: Error) => error.message);
  assert.is(outcome, "Cannot invoke: the function has been closed");
});

/** Something that several wait for and one opens. */
class Gate {
  open: () => void = () => {};
  readonly passed = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

test.run();
