/** The Extensions API over real HTTP, byte for byte. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { exchange, type RawResponse, rawClient, request } from "./raw-client.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

const test = suite("the Extensions API");

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const nobody = "00000000-0000-4000-8000-000000000000";
const both = '{"events":["INVOKE","SHUTDOWN"]}';
const runtimeNext = request("GET /2018-06-01/runtime/invocation/next");

const register = (name: string, body = both, headers = {}) =>
  request("POST /2020-01-01/extension/register", { "Lambda-Extension-Name": name, ...headers }, body);
const next = (identifier: string) =>
  request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier });
const report = (kind: "init" | "exit", identifier: string, type: string | undefined = "Mine.Reason") =>
  request(`POST /2020-01-01/extension/${kind}/error`, {
    "Lambda-Extension-Identifier": identifier,
    ...(type === undefined ? {} : { "Lambda-Extension-Function-Error-Type": type }),
  });

function say(response: RawResponse): string {
  return `${response.status} ${response.body}`;
}

function refusal(errorType: string, errorMessage: string): string {
  return `403 {"errorMessage":"${errorMessage}","errorType":"${errorType}"}\n`;
}

function identifierOf({ lines }: RawResponse): string {
  return lines.find((line) => line.startsWith("Lambda-Extension-Identifier: "))?.split(": ")[1] ?? "";
}

test("registers with the function's facts in their order", async () => {
  await using stage = await launched("probe.sh");
  const response = await exchange(stage.api, register("probe.sh"));
  assert.is(say(response), '200 {"functionName":"hello","functionVersion":"$LATEST","handler":"index.handler"}\n');
  const [type, identifier, ...rest] = response.lines;
  assert.is(type, "Content-Type: application/json");
  assert.match(identifier ?? "", new RegExp(`^Lambda-Extension-Identifier: ${uuid}$`));
  assert.equal(rest, ["Content-Length: 79", "Date"]);
});

test("tells the account id to whoever asks for it", async () => {
  await using stage = await launched("probe.sh");
  const asks = { "Lambda-Extension-Accept-Feature": "other, accountId" };
  const response = await exchange(stage.api, register("probe.sh", both, asks));
  const facts = '"functionName":"hello","functionVersion":"$LATEST","handler":"index.handler"';
  assert.is(response.body.toString(), `{${facts},"accountId":"123456789012"}\n`);
});

const keys = "configurationKeys are deprecated; use environment variables instead";
const internalShutdown = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
const refused = [
  ["an empty name", "", both, "Extension.InvalidExtensionName", "Empty extension name"],
  ["an empty body", "probe.sh", "", "InvalidRequestFormat", "unexpected end of JSON input"],
  [
    "an unknown event",
    "probe.sh",
    '{"events":["BOGUS"]}',
    "Extension.InvalidEventType",
    "BOGUS: ErrorInvalidEventType",
  ],
  [
    "an event with markup",
    "probe.sh",
    '{"events":["<&>"]}',
    "Extension.InvalidEventType",
    "\\u003c\\u0026\\u003e: ErrorInvalidEventType",
  ],
  ["configuration keys", "probe.sh", '{"events":[],"configurationKeys":["a"]}', "InvalidRequestFormat", keys],
  ["SHUTDOWN for an internal one", "inner", both, "Extension.InvalidEventType", internalShutdown],
] as const;
for (const [what, name, body, errorType, errorMessage] of refused) {
  test(`refuses to register with ${what}`, async () => {
    await using stage = await launched("probe.sh");
    const response = await exchange(stage.api, register(name, body));
    assert.is(say(response), refusal(errorType, errorMessage));
    assert.is(response.lines[0], "Content-Type: application/json");
  });
}

for (const body of ["{", "[]", '"INVOKE"', '{"events":"INVOKE"}', '{"events":[1]}', '{"events":{}}']) {
  test(`refuses to register with the body ${body}`, async () => {
    await using stage = await launched("probe.sh");
    assert.match(
      say(await exchange(stage.api, register("probe.sh", body))),
      /^403 .*"errorType":"InvalidRequestFormat"\}\n$/,
    );
  });
}

for (const body of ["{}", '{"events":null}', '{"events":[]}', '{"events":[],"configurationKeys":null,"more":1}']) {
  test(`registers for no events with the body ${body}`, async () => {
    await using stage = await launched("probe.sh");
    assert.is((await exchange(stage.api, register("probe.sh", body))).status, 200);
  });
}

test("registers an external extension once", async () => {
  await using stage = await launched("probe.sh");
  await exchange(stage.api, register("probe.sh"));
  const again =
    "State transition from Registered to Registered failed for extension probe.sh. Error: State transition is not allowed";
  assert.is(say(await exchange(stage.api, register("probe.sh"))), refusal("Extension.InvalidExtensionState", again));
});

test("registers ten internal extensions, each name once, until the runtime has asked for next", async () => {
  await using stage = await launched();
  const inner = '{"events":["INVOKE"]}';
  for (let n = 1; n <= 10; n++) assert.is((await exchange(stage.api, register(`inner-${n}`, inner))).status, 200);
  const taken = await exchange(stage.api, register("inner-1", inner));
  assert.is(say(taken), refusal("Extension.InvalidExtensionState", "Extension with this name already registered"));
  const full = await exchange(stage.api, register("inner-11", inner));
  assert.is(say(full), refusal("Extension.TooManyExtensions", "Extension limit (10) reached"));
  using runtime = await rawClient(stage.api);
  runtime.write(runtimeNext);
  await stage.until(() => stage.environment.state.runtime.at === "serving");
  const late = await exchange(stage.api, register("late", inner));
  assert.is(say(late), refusal("Extension.RegistrationClosed", "Extension registration closed already"));
});

const identifiers = [
  ["", "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"],
  ["not-a-uuid", "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"],
] as const;
for (const [identifier, errorType, errorMessage] of identifiers) {
  test(`refuses the identifier "${identifier}" everywhere`, async () => {
    await using stage = await launched("probe.sh");
    const expected = refusal(errorType, errorMessage);
    for (const bytes of [next(identifier), report("init", identifier), report("exit", identifier)])
      assert.is(say(await exchange(stage.api, bytes)), expected);
    assert.is(say(await exchange(stage.api, request("GET /2020-01-01/extension/event/next"))).slice(0, 3), "403");
  });
}

test("refuses an unknown identifier in two wordings", async () => {
  await using stage = await launched("probe.sh");
  const unknown = "Extension.UnknownExtensionIdentifier";
  assert.is(say(await exchange(stage.api, next(nobody))), refusal(unknown, `Unknown extension ${nobody}`));
  for (const kind of ["init", "exit"] as const)
    assert.is(
      say(await exchange(stage.api, report(kind, nobody))),
      refusal(unknown, "Unknown Lambda-Extension-Identifier"),
    );
});

test("knows an identifier in capitals", async () => {
  await using stage = await launched("probe.sh");
  const identifier = identifierOf(await exchange(stage.api, register("probe.sh")));
  const response = await exchange(stage.api, report("init", identifier.toUpperCase()));
  assert.is(say(response), '202 {"status":"OK"}\n');
});

test("wants an error type with an error", async () => {
  await using stage = await launched("probe.sh");
  const identifier = identifierOf(await exchange(stage.api, register("probe.sh")));
  const bytes = request("POST /2020-01-01/extension/init/error", { "Lambda-Extension-Identifier": identifier });
  const expected = refusal("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
  assert.is(say(await exchange(stage.api, bytes)), expected);
});

for (const [kind, state] of [
  ["init", "InitError"],
  ["exit", "ExitError"],
] as const) {
  test(`accepts ${kind}/error twice, and refuses next after it`, async () => {
    await using stage = await launched("probe.sh");
    const identifier = identifierOf(await exchange(stage.api, register("probe.sh")));
    for (let times = 0; times < 2; times++)
      assert.is(say(await exchange(stage.api, report(kind, identifier))), '202 {"status":"OK"}\n');
    const message = `State transition from ${state} to Ready failed for extension ${identifier}. Error: State transition is not allowed`;
    assert.is(say(await exchange(stage.api, next(identifier))), refusal("Extension.InvalidExtensionState", message));
  });
}

test("refuses a second next of an extension that waits", async () => {
  await using stage = await launched("probe.sh");
  const identifier = identifierOf(await exchange(stage.api, register("probe.sh")));
  using waiting = await rawClient(stage.api);
  waiting.write(next(identifier));
  await stage.until(() => stage.environment.state.extensions["probe.sh"]?.at === "ready");
  const message = `State transition from Ready to Ready failed for extension ${identifier}. Error: State transition is not allowed`;
  assert.is(say(await exchange(stage.api, next(identifier))), refusal("Extension.InvalidExtensionState", message));
});

test("tells INVOKE with the runtime's deadline and without a newline, and SHUTDOWN as plain text", async () => {
  await using stage = await launched("probe.sh");
  const identifier = identifierOf(await exchange(stage.api, register("probe.sh")));
  using extension = await rawClient(stage.api);
  extension.write(next(identifier));
  const fields = { traceId: "Root=1-2-3", event: Buffer.from("{}") };
  stage.invoke("r-1", fields);
  const event = await exchange(stage.api, runtimeNext);
  const deadlineMs = event.lines.find((line) => line.startsWith("Lambda-Runtime-Deadline-Ms"))?.split(": ")[1];
  const invoke = await extension.response();
  const arn = "arn:aws:lambda:us-east-1:123456789012:function:hello";
  assert.is(
    invoke?.body.toString(),
    `{"eventType":"INVOKE","deadlineMs":${deadlineMs},"requestId":"r-1","invokedFunctionArn":"${arn}","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-2-3"}}`,
  );
  assert.is(invoke?.lines[0], "Content-Type: application/json");
  assert.match(invoke?.lines[1] ?? "", new RegExp(`^Lambda-Extension-Event-Identifier: ${uuid}$`));
  await exchange(stage.api, request("POST /2018-06-01/runtime/invocation/r-1/response", {}, "1"));
  using runtime = await rawClient(stage.api);
  runtime.write(runtimeNext);
  extension.write(next(identifier));
  await stage.environment.available();
  const before = Date.now();
  const closed = stage.environment.close();
  const shutdown = await extension.response();
  const { deadlineMs: until, ...body } = JSON.parse(shutdown?.body.toString() ?? "");
  assert.equal(body, { eventType: "SHUTDOWN", shutdownReason: "spindown" });
  assert.match(
    shutdown?.body.toString() ?? "",
    /^\{"eventType":"SHUTDOWN","deadlineMs":\d+,"shutdownReason":"spindown"\}$/,
  );
  assert.ok(until >= before + 1_990 && until <= Date.now() + 2_001);
  assert.equal(shutdown?.lines, [
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${shutdown?.body.length}`,
    "Date",
  ]);
  stage.exit("extension:probe.sh", { how: "code", code: 0 });
  await closed;
});

test("does not register a client that is gone before its answer", async () => {
  await using stage = await launched("probe.sh");
  const client = await rawClient(stage.api);
  client.socket.end(register("probe.sh"), () => client.socket.destroy());
  await client.closed();
  assert.is((await exchange(stage.api, request("GET /2018-06-01/ping"))).status, 200);
  const response = await exchange(stage.api, register("probe.sh"));
  assert.ok(response.status === 200 || response.status === 403);
});

/** An environment in its Init phase, with an invocation that waits for its end. */
async function launched(...extensions: readonly string[]): Promise<StagedEnvironment> {
  const stage = await staged({ extensions });
  void stage.environment.init();
  return stage;
}

test.run();
