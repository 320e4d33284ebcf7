/** Who may subscribe to telemetry, and how long somebody is there to listen. 3.3, 4.1 */
import * as assert from "uvu/assert";
import type { Input } from "../../src/core/environment/input.ts";
import { type Environment, newEnvironment } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import { listens, subscribing } from "../../src/core/telemetry/subscribing.ts";
import { exited, extensionNext, init, next, register, shutdown, usualSettings } from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a subscriber");

/** The environment after these inputs, with the external extension `x`. */
function after(...inputs: readonly Input[]): Environment {
  return inputs.reduce(
    (environment, input) => step(environment, input, 0)[0],
    newEnvironment({ ...usualSettings, externalExtensions: ["x"] }),
  );
}

const x = { name: "x", identifier: "id of x" };
const inner = { name: "inner", identifier: "id of inner" };
const registered = [init, register(1, "x")] as const;
const ready = [...registered, register(2, "inner", ["INVOKE"]), next(3), extensionNext(4, "x")] as const;
const idle = [...ready, extensionNext(5, "inner")] as const;

test("is an extension that has registered, until Init is over", () => {
  assert.equal(subscribing(after(...registered), "id of x", "Telemetry"), x);
  assert.equal(subscribing(after(...ready), "id of x", "Telemetry"), x, "one of them is not ready yet");
  assert.equal(subscribing(after(...ready), "id of inner", "Logs"), inner);
  assert.equal(subscribing(after(...idle), "id of x", "Logs"), {
    status: 403,
    errorType: "Logs.SubscriptionClosed",
    errorMessage: "Logs API subscription is closed already",
  });
});

test("is known by its identifier before anything else", () => {
  for (const environment of [after(), after(init), after(...idle)])
    assert.equal(subscribing(environment, "nobody", "Telemetry"), {
      status: 403,
      errorType: "Extension.UnknownExtensionIdentifier",
      errorMessage: "Unknown extension nobody",
    });
});

test("listens as long as its process does", () => {
  assert.ok(listens(after(...registered), x));
  assert.ok(listens(after(...idle, shutdown), x));
  assert.not(listens(after(...idle, shutdown, exited("extension:x", 0)), x));
  assert.not(listens(after(...idle), { name: "x", identifier: "id of another life" }));
  assert.not(listens(after(...idle), { name: "y", identifier: "id of x" }));
});

test("inside the runtime listens as long as the runtime does", () => {
  assert.ok(listens(after(init, register(2, "inner", [])), inner), "before the runtime has begun");
  assert.ok(listens(after(...idle, shutdown), inner));
  const alone = after(...idle, shutdown, exited("runtime", 0));
  assert.not(listens(alone, inner));
  assert.ok(listens(alone, x));
});

test.run();
