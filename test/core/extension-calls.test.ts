/** The extensions' calls: register (2.2), the identifier (2.3), next (2.4), and the two error reports (2.5). */
import * as assert from "uvu/assert";
import {
  dropped,
  ended,
  extensionError,
  extensionNext,
  init,
  invoke,
  next,
  type Play,
  play,
  register,
  response,
  ring,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the Extensions API");

const launched = () => play(["x"]).through(0, init);
const registered = () => launched().through(0, register(1, "x"));
const ready = () => registered().through(0, next(2), extensionNext(3, "x"));
const running = () => ready().through(0, invoke("a"));

function refused(errorType: string, errorMessage: string): readonly string[] {
  return [`refuse 9: 403 Extension.${errorType} ${errorMessage}`];
}

function forbidden(from: string, to: string): readonly string[] {
  return refused(
    "InvalidExtensionState",
    `State transition from ${from} to ${to} failed for extension id of x. Error: State transition is not allowed`,
  );
}

/** What is refused, the way there, the call, the answer. 2.2 */
const registrations = [
  [
    "an unknown event",
    launched,
    register(9, "x", ["BOGUS"]),
    refused("InvalidEventType", "BOGUS: ErrorInvalidEventType"),
  ],
  [
    "an unknown event behind a known one",
    launched,
    register(9, "x", ["INVOKE", "invoke"]),
    refused("InvalidEventType", "invoke: ErrorInvalidEventType"),
  ],
  [
    "SHUTDOWN for an internal extension",
    registered,
    register(9, "inside", ["SHUTDOWN"]),
    refused("InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"),
  ],
  [
    "an external extension twice",
    registered,
    register(9, "x"),
    refused(
      "InvalidExtensionState",
      "State transition from Registered to Registered failed for extension x. Error: State transition is not allowed",
    ),
  ],
  [
    "an external extension that waits in next",
    ready,
    register(9, "x"),
    refused(
      "InvalidExtensionState",
      "State transition from Ready to Registered failed for extension x. Error: State transition is not allowed",
    ),
  ],
  [
    "an external extension of an environment that does not run",
    () => play(["x"]),
    register(9, "x"),
    refused(
      "InvalidExtensionState",
      "State transition from Exited to Registered failed for extension x. Error: State transition is not allowed",
    ),
  ],
  [
    "events before the state",
    registered,
    register(9, "x", ["BOGUS"]),
    refused("InvalidEventType", "BOGUS: ErrorInvalidEventType"),
  ],
  [
    "an internal name that is taken",
    () => registered().through(0, register(2, "inside", [])),
    register(9, "inside", []),
    refused("InvalidExtensionState", "Extension with this name already registered"),
  ],
  [
    "an internal extension after the runtime's first next",
    () => registered().through(0, next(2)),
    register(9, "inside", []),
    refused("RegistrationClosed", "Extension registration closed already"),
  ],
  [
    "an internal extension after Init",
    ready,
    register(9, "inside", []),
    refused("RegistrationClosed", "Extension registration closed already"),
  ],
  [
    "an internal extension before Init",
    () => play(),
    register(9, "inside", []),
    refused("RegistrationClosed", "Extension registration closed already"),
  ],
  [
    "an eleventh extension",
    () => ten(),
    register(9, "eleventh", []),
    refused("TooManyExtensions", "Extension limit (10) reached"),
  ],
  [
    "an eleventh extension by its name before the limit",
    () => ten(),
    register(9, "i1", []),
    refused("InvalidExtensionState", "Extension with this name already registered"),
  ],
] as const satisfies readonly (readonly [string, () => Play, ReturnType<typeof register>, readonly string[]])[];

/** One external and nine internal extensions. */
function ten(): Play {
  const names = Array.from({ length: 9 }, (_, index) => `i${index + 1}`);
  return registered().through(0, ...names.map((name, index) => register(20 + index, name, [])));
}

for (const [what, reach, call, answer] of registrations) {
  test(`refuses ${what} (2.2)`, () => assert.equal(reach()(1, call), answer));
}

test("takes ten external extensions and refuses the eleventh; one that only runs does not count (2.2)", () => {
  const names = Array.from({ length: 11 }, (_, index) => `e${index + 1}`);
  const a = play(names).through(0, init);
  for (const [index, name] of names.slice(0, 10).entries()) {
    assert.equal(a(1, register(20 + index, name, [])), [`answer ${20 + index}: registered ${name} as id of ${name}`]);
  }
  assert.equal(a(1, register(9, "e11", [])), refused("TooManyExtensions", "Extension limit (10) reached"));
});

test("registers internal extensions under names that every object has", () => {
  const a = launched().through(0, register(1, "x"));
  for (const [index, name] of ["__proto__", "constructor", "toString"].entries()) {
    assert.equal(a(1, register(20 + index, name, [])), [`answer ${20 + index}: registered ${name} as id of ${name}`]);
    assert.equal(
      a(1, register(9, name, [])),
      refused("InvalidExtensionState", "Extension with this name already registered"),
    );
  }
});

test("registers an external extension for no events, which still has to call next (2.2)", () => {
  const a = launched().through(0, register(1, "x", []), next(2));
  assert.equal(a(3, extensionNext(3, "x")).slice(-2), ["record platform.initReport init success 3 ms", "freeze"]);
  assert.equal(a(4, invoke("a")).at(-1), "answer 2: invocation a, deadline 3004");
});

test("does not know identifiers that nobody holds (2.3)", () => {
  const a = registered();
  assert.equal(
    a(1, extensionNext(9, "nobody")),
    refused("UnknownExtensionIdentifier", "Unknown extension id of nobody"),
  );
  for (const report of ["init-error", "exit-error"] as const) {
    assert.equal(
      a(1, extensionError(9, "nobody", report)),
      refused("UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier"),
    );
  }
});

test("does not know the identifiers of before a reset (2.3)", () => {
  const a = registered().through(1, next(2), extensionNext(3, "x"), invoke("a"));
  a.through(3_001, ring("timeout:a"), { type: "process-exited", process: "runtime", exit: { how: "code", code: 0 } });
  a.through(3_002, { type: "process-exited", process: "extension:x", exit: { how: "code", code: 0 } }, init);
  assert.equal(a(3_003, extensionNext(9, "x")), refused("UnknownExtensionIdentifier", "Unknown extension id of x"));
});

/** State, the way there, then what next, init/error and exit/error get there. 2.4, 2.5 */
const accepted = ["answer 9: accepted"];
const reports = [
  ["Registered", registered, [], accepted, accepted],
  ["Ready", ready, forbidden("Ready", "Ready"), forbidden("Ready", "InitError"), accepted],
  ["Running", running, [], forbidden("Running", "InitError"), accepted],
  [
    "InitError",
    () => registered().through(0, extensionError(8, "x", "init-error")),
    forbidden("InitError", "Ready"),
    accepted,
    forbidden("InitError", "ExitError"),
  ],
  [
    "ExitError",
    () => running().through(0, extensionError(8, "x", "exit-error")),
    forbidden("ExitError", "Ready"),
    forbidden("ExitError", "InitError"),
    accepted,
  ],
  [
    "Ready with its connection lost",
    () => ready().through(0, dropped(3)),
    [],
    forbidden("Ready", "InitError"),
    accepted,
  ],
] as const;

for (const [state, reach, onNext, onInitError, onExitError] of reports) {
  test(`answers next in ${state} (2.4)`, () => assert.equal(reach()(1, extensionNext(9, "x")), onNext));
  test(`answers init/error in ${state} (2.5)`, () => {
    assert.equal(reach()(1, extensionError(9, "x", "init-error")), onInitError);
  });
  test(`answers exit/error in ${state} (2.5)`, () => {
    assert.equal(reach()(1, extensionError(9, "x", "exit-error")), onExitError);
  });
}

test("gives an extension the same deadline as the runtime (2.4)", () => {
  assert.equal(ready()(100, invoke("a")), [
    "thaw",
    "set alarm timeout:a at 3100",
    "record platform.start a",
    "answer 3: INVOKE a, deadline 3100",
    "answer 2: invocation a, deadline 3100",
  ]);
});

test("keeps INVOKE for an extension that lost its connection, and waits for it to come and go (2.4)", () => {
  const a = ready().through(1, dropped(3));
  assert.equal(a(10, invoke("a")).at(-1), "answer 2: invocation a, deadline 3010");
  a.through(20, response(4, "a"), ended(4));
  assert.equal(a(30, next(5)), ["record platform.runtimeDone a success 20 ms 2 bytes"]);
  assert.equal(a(40, extensionNext(6, "x")), ["answer 6: INVOKE a, deadline 3010"]);
  assert.equal(a(50, extensionNext(7, "x")).slice(-2), ["record platform.report a success 40 ms init 0 ms", "freeze"]);
});

test("owes nothing to an extension that lost its connection and did not ask for INVOKE", () => {
  const a = launched().through(0, register(1, "x", ["SHUTDOWN"]), next(2), extensionNext(3, "x"), dropped(3));
  a.through(10, invoke("a")).through(20, response(4, "a"), ended(4));
  assert.is(a(30, next(5)).at(-1), "freeze");
});

test("lets an extension that lost its connection wait again before the next event (2.4)", () => {
  const a = ready().through(1, dropped(3));
  assert.equal(a(2, extensionNext(4, "x")), []);
  assert.ok(a(10, invoke("a")).includes("answer 4: INVOKE a, deadline 3010"));
});

test("forgets only the connection that was lost", () => {
  const a = play(["x", "y"]).through(0, init, register(1, "x"), register(2, "y"), next(3));
  a.through(0, extensionNext(4, "x"), extensionNext(5, "y"), dropped(5));
  assert.ok(a(10, invoke("a")).includes("answer 4: INVOKE a, deadline 3010"));
  assert.equal(a(11, extensionNext(6, "y")), ["answer 6: INVOKE a, deadline 3010"]);
});

test.run();
