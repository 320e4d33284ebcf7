import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { plain, rawServer } from "../platform/raw-server.ts";
import { bootstrap, headersOf } from "./bootstrap-process.ts";

const test = suite("bootstrap, when it has to end,");

test("ends when the API answers 500 to a response", async () => {
  const events = [{ body: '{"op":"echo"}', headers: headersOf("a") }];
  await using runtime = await bootstrap({ events, answer: () => plain(500, "broken") });
  assert.is(await runtime.exit(), 1);
  assert.match(runtime.stderr, /answered 500 broken/);
});

for (const status of [403, 500]) {
  test(`ends when the API answers ${status} to next`, async () => {
    await using server = await rawServer(({ socket }) => socket.write(plain(status, "no")));
    await using runtime = await bootstrap({ env: { AWS_LAMBDA_RUNTIME_API: server.authority } });
    assert.is(await runtime.exit(), 1);
    assert.is(server.requests.length, 1);
    assert.match(runtime.stderr, `answered ${status} no`);
  });
}

const crashes = [
  ["uncaught", 129, "ReferenceError", /^nothing is not defined$/],
  ["rejection", 128, "Runtime.UnhandledPromiseRejection", /^RangeError: nobody listens$/],
] as const;

for (const [op, code, errorType, message] of crashes) {
  test(`fails the invocation in hand and exits ${code} after an ${op}`, async () => {
    await using runtime = await bootstrap({ events: [{ body: `{"op":"${op}"}`, headers: headersOf("in-hand") }] });
    assert.is(await runtime.exit(), code);
    assert.is(runtime.posts.length, 1);
    const { line, body } = await runtime.post(1);
    assert.match(line, "/in-hand/error");
    const error = JSON.parse(body.toString());
    assert.is(error.errorType, errorType);
    assert.match(error.errorMessage, message);
  });
}

test("exits with the handler's own code and without an answer", async () => {
  await using runtime = await bootstrap({ events: [{ body: '{"op":"exit","code":3}', headers: headersOf("a") }] });
  assert.is(await runtime.exit(), 3);
  assert.is(runtime.posts.length, 0);
});

const initErrors = [
  ["nowhere.handler", "Runtime.ImportModuleError"],
  ["index.nothing", "Runtime.HandlerNotFound"],
  ["noDot", "Runtime.MalformedHandlerName"],
  ["", "Runtime.MalformedHandlerName"],
] as const;

for (const [name, errorType] of initErrors) {
  for (const status of [202, 403, 500]) {
    test(`reports "${name}" as ${errorType} and exits, though the API answers ${status}`, async () => {
      await using runtime = await bootstrap({ env: { _HANDLER: name }, answer: () => plain(status, "{}") });
      assert.is(await runtime.exit(), 1);
      assert.equal(
        runtime.server.requests.map(({ line }) => line),
        ["POST /2018-06-01/runtime/init/error HTTP/1.1"],
      );
      const { head, body } = await runtime.post(1);
      assert.match(head, `Lambda-Runtime-Function-Error-Type: ${errorType}`);
      assert.is(JSON.parse(body.toString()).errorType, errorType);
      assert.match(runtime.stdout, `\tundefined\tERROR\tInit Error \t{"errorType":"${errorType}"`);
    });
  }
}

test("says that nobody listens, and exits", async () => {
  const gone = await rawServer(() => {});
  const { authority } = gone;
  await gone[Symbol.asyncDispose]();
  await using runtime = await bootstrap({ env: { AWS_LAMBDA_RUNTIME_API: authority } });
  assert.is(await runtime.exit(), 1);
  assert.match(runtime.stderr, `Cannot connect to "${authority}"`);
});

test("says that it is in no execution environment, and exits", async () => {
  await using runtime = await bootstrap({ env: { AWS_LAMBDA_RUNTIME_API: "" } });
  assert.is(await runtime.exit(), 1);
  assert.match(runtime.stderr, /^Cannot start: AWS_LAMBDA_RUNTIME_API is not set.*\n$/);
});

test.run();
