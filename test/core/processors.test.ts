/** Who has the machine's processors, and since when. docs/ISOLATION.md "Processors" */
import * as assert from "uvu/assert";
import type { Effect } from "../../src/core/environment/effect.ts";
import type { Input } from "../../src/core/environment/input.ts";
import { newEnvironment, type Settings } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import { exited, extensionNext, init, invoke, next, register, restoreNext, usualSettings } from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("processors");

/** Shares and, beside them, who starts and who hears of an invocation, in order. */
function sharesOf(settings: Partial<Settings>, ...inputs: readonly Input[]): readonly string[] {
  let environment = newEnvironment({ ...usualSettings, ...settings });
  return inputs.flatMap((input) => {
    const [moved, effects] = step(environment, input, 0);
    environment = moved;
    return effects.flatMap(said);
  });
}

function said(effect: Effect): readonly string[] {
  if (effect.type === "share-processors") return [effect.share];
  if (effect.type === "start-process") return [`start ${effect.process}`];
  return effect.type === "answer-call" && effect.answer.type !== "accepted" ? [effect.answer.type] : [];
}

test("are shared out before the runtime hears of an invocation that waited for its Init", () => {
  assert.equal(sharesOf({}, invoke("a"), next(1)), ["start runtime", "function", "invocation"]);
});

test("are shared out before an extension hears of it", () => {
  const life = [invoke("a"), register(1, "x"), extensionNext(2, "x"), next(3)];
  const seen = ["start extension:x", "registered", "start runtime", "function", "invoke-event", "invocation"];
  assert.equal(sharesOf({ externalExtensions: ["x"] }, ...life), seen);
});

test("are shared out once, when an Init ends that nobody waits for", () => {
  assert.equal(sharesOf({}, init, next(1), invoke("a")), ["start runtime", "function", "invocation"]);
});

test("are all there before the processes of an Init that is repeated begin", () => {
  const life = [init, next(1), invoke("a"), exited("runtime", 1), invoke("b"), next(2)];
  const again = ["all", "start runtime", "function", "invocation"];
  assert.equal(sharesOf({}, ...life), ["start runtime", "function", "invocation", ...again]);
});

test("are shared out when the snapshot is taken, and stay so in a restore", () => {
  const life = [invoke("a"), restoreNext(1), next(2)];
  const seen = ["start runtime", "function", "restored", "invocation"];
  assert.equal(sharesOf({ initializationType: "snap-start" }, ...life), seen);
});

test.run();
