/** SnapStart over real sockets; the processes are played. Protocol 1.8 */
import * as assert from "uvu/assert";
import { InvocationRefusedError } from "../../src/emulator/invocation.ts";
import { suite } from "../helpers/suite.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { accepted, answer, next, restoreNext } from "./runtime-requests.ts";
import { staged } from "./staged-environment.ts";

const test = suite("an environment");

const snapStart = { initializationType: "snap-start" } as const;

test("of SnapStart holds restore/next until it is restored, 200 and empty, and serves (SRV-RT-040)", async () => {
  await using stage = await staged(snapStart);
  void stage.environment.init();
  const runtime = await rawClient(stage.api);
  runtime.write(restoreNext);
  await stage.until(() => stage.environment.state.phase.at === "snapshot");
  assert.equal(stage.told, ["start runtime", "freeze"]);
  const result = stage.invoke("a");
  const restored = await runtime.response();
  assert.equal([restored?.status, restored?.body.toString()], [200, ""]);
  runtime.write(next);
  await runtime.response();
  runtime.write(answer("a"));
  assert.is(Buffer.from((await result).payload).toString(), '"done"');
  assert.equal(stage.told.slice(0, 3), ["start runtime", "freeze", "thaw"]);
});

test("of SnapStart takes a restore error, and the caller is told by the service (SRV-RT-040)", async () => {
  await using stage = await staged(snapStart);
  const result = stage.invoke("a").then(
    () => undefined,
    (error: unknown) => error,
  );
  await stage.until(() => stage.alive("runtime"));
  const runtime = await rawClient(stage.api);
  await runtime.write(restoreNext).response();
  const type = { "Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError" };
  assert.is(await runtime.write(request("POST /2018-06-01/runtime/restore/error", type, "{}")).answer(), accepted);
  const error = await result;
  assert.is(error instanceof InvocationRefusedError && error.refusal, "SnapStartException");
  stage.exit("runtime", { how: "code", code: 65 });
  await stage.until(() => stage.environment.state.phase.at === "cold");
  assert.match(
    stage.lines.at(-1) ?? "",
    /^RESTORE_REPORT Restore Duration: .* ms\tStatus: error\tError Type: Runtime.AfterRestoreError$/,
  );
});

test("on demand knows neither the restore paths nor credentials (SRV-RT-040)", async () => {
  await using stage = await staged();
  const credentials = request("GET /2021-04-23/credentials");
  const restoreError = request("POST /2018-06-01/runtime/restore/error", {}, "{}");
  for (const bytes of [restoreNext, restoreError, credentials]) {
    const { status, body } = await exchange(stage.api, bytes);
    assert.is(`${status} ${body}`, "404 404 page not found\n");
  }
});

test("of SnapStart gives credentials by address and token, and neither keys nor log names by variable (5.1)", async () => {
  const environment = { AWS_ACCESS_KEY_ID: "mine", OTHER: "1" };
  await using stage = await staged({ ...snapStart, configuration: { environment } });
  void stage.environment.init();
  await stage.until(() => stage.alive("runtime"));
  const env = stage.specs[0]?.env ?? {};
  const names = Object.keys(env).filter((name) => /KEY|TOKEN|LOG_GROUP|LOG_STREAM|CONTAINER|OTHER/.test(name));
  assert.equal(names.sort(), ["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "OTHER"]);
  const path = new URL(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "").pathname;
  const given = await exchange(
    stage.api,
    request(`GET ${path}`, { Authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? "" }),
  );
  const { Expiration, ...keys } = JSON.parse(given.body.toString());
  assert.equal(keys, { AccessKeyId: "mine", SecretAccessKey: "local", Token: "local" });
  assert.ok(Date.parse(Expiration) > Date.now());
  const denied = await exchange(stage.api, request(`GET ${path}`, { Authorization: "guess" }));
  assert.is(`${denied.status} ${denied.body}`, "404 cannot get credentials for the provided token\n");
});

test.run();
