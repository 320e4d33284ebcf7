/** The runtime's calls: the whole table of protocol 1.3, and what an answer's body does (1.5, 1.6). */
import * as assert from "uvu/assert";
import { newEnvironment } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import {
  dropped,
  ended,
  error,
  exited,
  extensionNext,
  init,
  initError,
  invoke,
  next,
  type Play,
  play,
  register,
  response,
  usualSettings,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the Runtime API");

const started = () => play().through(0, init);
const ready = () => started().through(0, next(1));
const running = () => ready().through(0, invoke("a"));
const sent = () => running().through(0, response(2, "a"), ended(2));

const unknownId = "refuse 9: 400 InvalidRequestID Invalid request ID";
const timedOut = "refuse 9: 410 InvokeTimeout Invoke timeout";

function forbidden(from: string, to: string): readonly string[] {
  return [
    `refuse 9: 403 InvalidStateTransition State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
  ];
}

const ends = [
  "record platform.runtimeDone a success 5 ms 2 bytes",
  "clear alarm timeout:a",
  "record platform.report a success 5 ms init 0 ms",
  "freeze",
];

/** State, how it is reached, then what `next`, `/response`, `/error` and `/init/error` get there. */
const states: readonly (readonly [string, () => Play, readonly (readonly string[])[]])[] = [
  [
    "Started",
    started,
    [
      [
        "record platform.initRuntimeDone init success",
        "clear alarm init",
        "record platform.initReport init success 5 ms",
        "freeze",
      ],
      [unknownId],
      [unknownId],
      ["answer 9: accepted", "record platform.initRuntimeDone init error Runtime.Unknown"],
    ],
  ],
  ["Ready", ready, [[], [unknownId], [unknownId], forbidden("Ready", "InitError")]],
  ["Running", running, [["answer 9: invocation a, deadline 3000"], [], [], forbidden("Running", "InitError")]],
  [
    "InvocationResponse",
    () => running().through(0, response(2, "a")),
    [
      forbidden("InvocationResponse", "Ready"),
      forbidden("InvocationResponse", "InvocationResponse"),
      forbidden("InvocationResponse", "InvocationErrorResponse"),
      forbidden("InvocationResponse", "InitError"),
    ],
  ],
  [
    "InvocationErrorResponse",
    () => running().through(0, error(2, "a")),
    [
      forbidden("InvocationErrorResponse", "Ready"),
      forbidden("InvocationErrorResponse", "InvocationResponse"),
      forbidden("InvocationErrorResponse", "InvocationErrorResponse"),
      forbidden("InvocationErrorResponse", "InitError"),
    ],
  ],
  [
    "ResponseSent",
    sent,
    [
      ends,
      forbidden("RuntimeResponseSentState", "InvocationResponse"),
      forbidden("RuntimeResponseSentState", "InvocationErrorResponse"),
      forbidden("RuntimeResponseSentState", "InitError"),
    ],
  ],
  [
    "InitError",
    () => started().through(0, initError(2)),
    [forbidden("InitError", "Ready"), [unknownId], [unknownId], forbidden("InitError", "InitError")],
  ],
];

const calls = [
  ["next", next(9)],
  ["/response", response(9, "a")],
  ["/error", error(9, "a")],
  ["/init/error", initError(9)],
] as const;

for (const [state, reach, answers] of states) {
  for (const [index, [call, input]] of calls.entries()) {
    test(`answers ${call} of a runtime in ${state} as the table of 1.3 says`, () => {
      assert.equal(reach()(5, input), answers[index]);
    });
  }
}

test("hands the event in hand to every further next, until it is answered (1.3)", () => {
  const a = running();
  assert.equal(a(7, next(2)), ["answer 2: invocation a, deadline 3000"]);
  assert.equal(a(8, next(3)), ["answer 3: invocation a, deadline 3000"]);
});

test("wakes one waiting next per event, the oldest (1.3)", () => {
  const a = ready();
  assert.equal(a(1, next(2)), []);
  assert.equal(a(10, invoke("a")), [
    "thaw",
    "set alarm timeout:a at 3010",
    "record platform.start a",
    "answer 1: invocation a, deadline 3010",
  ]);
});

test("checks the id before the state: another id while a body is read is 400, not 403 (1.3)", () => {
  const a = running().through(0, response(2, "a"));
  assert.equal(a(1, response(9, "other")), [unknownId]);
  assert.equal(a(1, error(9, "other")), [unknownId]);
});

test("finds no invocation under a name that every object has", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    assert.equal(running()(1, response(9, name)), [unknownId]);
  }
});

test("takes an invocation whose id is a name that every object has", () => {
  const a = ready();
  assert.equal(a(0, invoke("__proto__")).at(-1), "answer 1: invocation __proto__, deadline 3000");
  a.through(1, response(2, "__proto__"));
  assert.equal(a(2, ended(2)), ["answer 2: accepted", "complete __proto__: response of call 2"]);
  assert.equal(a(3, next(3)).at(-1), "freeze");
});

test("refuses the id of an invocation that waits for Init with 403 (1.3)", () => {
  const a = started().through(0, invoke("a"));
  assert.equal(a(1, response(9, "a")), forbidden("Started", "InvocationResponse"));
  assert.equal(a(1, error(9, "a")), forbidden("Started", "InvocationErrorResponse"));
});

test("refuses the id of an invocation that waits for an extension's Init with 403 from Ready", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), next(2), invoke("a"));
  assert.equal(a(1, response(9, "a")), forbidden("Ready", "InvocationResponse"));
});

test("refuses a double response with 403 while extensions still run and with 400 afterwards (1.3)", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), extensionNext(1, "x"), next(2), invoke("a"));
  a.through(0, response(3, "a"), ended(3));
  assert.equal(a(1, response(9, "a")), forbidden("RuntimeResponseSentState", "InvocationResponse"));
  a.through(2, next(4));
  assert.equal(a(3, response(9, "a")), forbidden("Ready", "InvocationResponse"));
  assert.equal(a(3, initError(9)), forbidden("Ready", "InitError"));
  a.through(4, extensionNext(5, "x"));
  assert.equal(a(5, response(9, "a")), [unknownId]);
});

test("refuses the answer to an invocation that is over while the next one runs with 400 (1.3)", () => {
  const a = sent().through(1, next(3), invoke("b"));
  assert.equal(a(2, response(9, "a")), [unknownId]);
});

test("takes an answer with the echo of its own nonce and refuses a stale one with 410, whatever the state (1.9)", () => {
  assert.equal(running()(1, response(2, "a", { invocationId: "a1" })), []);
  assert.equal(running()(1, response(9, "a", { invocationId: "a0" })), [timedOut]);
  assert.equal(sent()(1, error(9, "a", { invocationId: "a0" })), [timedOut]);
  assert.equal(running()(1, response(9, "other", { invocationId: "a0" })), [unknownId]);
});

test("refuses answers with 410 once the invocation's environment is being shut down", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), extensionNext(1, "x"), next(2), invoke("a"));
  a.through(3_000, { type: "alarm", alarm: "timeout:a" });
  assert.equal(a(3_001, response(9, "a")), [timedOut]);
});

test("refuses the body that ends after the time-out with 410, and its caller has the time-out", () => {
  const a = running().through(0, response(9, "a")).through(3_000, { type: "alarm", alarm: "timeout:a" });
  assert.equal(a(3_001, ended(9)), [timedOut]);
  assert.ok(a(3_002, exited("runtime", "killed")).includes("complete a: timed out after 3000 ms"));
});

test("refuses a body that ends on a call that nobody knows any more with 410", () => {
  const reading = [init, next(1), invoke("a"), response(2, "a")].reduce(
    (environment, input) => step(environment, input, 0)[0],
    newEnvironment(usualSettings),
  );
  const refusal = { status: 410, errorType: "InvokeTimeout", errorMessage: "Invoke timeout" };
  for (const environment of [newEnvironment(usualSettings), reading]) {
    assert.equal(step(environment, ended(9), 0)[1], [{ type: "refuse-call", call: 9, refusal }]);
  }
});

test("refuses calls that come out of an environment in which no runtime runs", () => {
  assert.equal(play()(0, next(9)), forbidden("Started", "Ready"));
  assert.equal(play()(0, initError(9)), forbidden("Started", "InitError"));
  assert.equal(play()(0, response(9, "a")), [unknownId]);
});

/** Kind of answer, how its body ended, what the runtime gets, what the caller gets. 1.5, 1.6 */
const bodies = [
  ["a response", response, ended(2), "answer 2: accepted", "complete a: response of call 2"],
  [
    "an empty response",
    response,
    ended(2, "complete", { bytes: 0 }),
    "answer 2: accepted",
    "complete a: response of call 2",
  ],
  [
    "an oversize response",
    response,
    ended(2, "oversize", { bytes: 6_291_557 }),
    "refuse 2: 413 RequestEntityTooLarge Exceeded maximum allowed payload size (6291556 bytes).",
    "complete a: fault Function.ResponseSizeTooLarge Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  ],
  [
    "a truncated response",
    response,
    ended(2, "truncated", { bytes: 1 }),
    "refuse 2: 400 TruncatedHTTPRequest HTTP request detected as truncated",
    "complete a: fault Runtime.TruncatedResponse",
  ],
  ["an error", error, ended(2, "complete", { errorType: "Foo" }), "answer 2: accepted", "complete a: error of call 2"],
  [
    "an error without a body",
    error,
    ended(2, "complete", { bytes: 0, errorType: "Function.Bar" }),
    "answer 2: accepted",
    "complete a: fault Function.Bar Unknown application error occurred",
  ],
  [
    "an error without a body whose type is no type",
    error,
    ended(2, "complete", { bytes: 0, errorType: "Foo" }),
    "answer 2: accepted",
    "complete a: fault Runtime.Unknown Unknown application error occurred",
  ],
  [
    "a truncated error",
    error,
    ended(2, "truncated", { errorType: "Function.Bar" }),
    "refuse 2: 400 TruncatedHTTPRequest HTTP request detected as truncated",
    "complete a: fault Function.Bar Unknown application error occurred",
  ],
  [
    "an oversize error",
    error,
    ended(2, "oversize"),
    "refuse 2: 413 RequestEntityTooLarge Exceeded maximum allowed payload size (6291556 bytes).",
    "complete a: fault Function.ResponseSizeTooLarge Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  ],
] as const;

for (const [title, head, end, toRuntime, toCaller] of bodies) {
  test(`takes ${title}, and the runtime may go on`, () => {
    const a = running();
    assert.equal(a(1, head(2, "a")), []);
    assert.equal(a(2, end), [toRuntime, toCaller]);
    assert.equal(a(3, next(3)).at(-2), "record platform.report a success 3 ms init 0 ms");
  });
}

test("counts the bytes of a whole response and none of a broken one", () => {
  const done = (ending: "complete" | "oversize" | "truncated") =>
    running().through(0, response(2, "a"), ended(2, ending, { bytes: 7 }))(3, next(3))[0];
  assert.is(done("complete"), "record platform.runtimeDone a success 3 ms 7 bytes");
  assert.is(done("oversize"), "record platform.runtimeDone a success 3 ms 0 bytes");
  assert.is(done("truncated"), "record platform.runtimeDone a success 3 ms 0 bytes");
});

test("kills an invocation with an invalid response mode, and next is refused from then on (1.5)", () => {
  const a = running();
  assert.equal(a(1, response(9, "a", { mode: "invalid" })), [
    "refuse 9: 400 InvalidFunctionResponseMode Invalid function response mode",
    "complete a: fault Runtime.InvalidResponseModeHeader",
  ]);
  assert.equal(a(2, next(9)), forbidden("InvocationResponse", "Ready"));
  assert.equal(a(2, response(9, "a")), forbidden("InvocationResponse", "InvocationResponse"));
  assert.equal(a(3, exited("runtime", 1)), [
    "record platform.runtimeDone a error Runtime.ExitError 3 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "record platform.report a error Runtime.ExitError 3 ms init 0 ms",
  ]);
});

const streaming = () => running().through(1, response(2, "a", { mode: "streaming" }));

test("passes a streamed response on from its head, and tells the caller how it ended (1.10)", () => {
  const a = running();
  assert.equal(a(1, response(2, "a", { mode: "streaming" })), ["stream call 2 to a"]);
  assert.equal(a(2, ended(2, "complete", { bytes: 7 })), ["answer 2: accepted", "complete a: stream complete"]);
  assert.is(a(3, next(3))[0], "record platform.runtimeDone a success 3 ms 7 bytes");
});

test("takes a stream whose trailers say that it failed for one that was sent whole (1.10)", () => {
  assert.equal(streaming()(2, ended(2, "complete", { errorType: "Boom" })), [
    "answer 2: accepted",
    "complete a: stream complete Boom",
  ]);
});

test("refuses a stream that was cut off, and its caller keeps what came", () => {
  const a = streaming();
  assert.equal(a(2, ended(2, "truncated", { bytes: 3 })), [
    "refuse 2: 400 TruncatedHTTPRequest HTTP request detected as truncated",
    "complete a: stream truncated",
  ]);
  assert.is(a(3, next(3))[0], "record platform.runtimeDone a success 3 ms 3 bytes");
});

test("accepts a stream that was cut at its limit, so that the runtime goes on (1.10)", () => {
  assert.equal(streaming()(2, ended(2, "oversize")), ["answer 2: accepted", "complete a: stream oversize"]);
});

test("is in the state of a response while a stream is read", () => {
  assert.equal(streaming()(2, next(9)), forbidden("InvocationResponse", "Ready"));
});

test("does not take an error for a stream, whatever its mode says", () => {
  const a = running();
  assert.equal(a(1, error(2, "a", { mode: "streaming" })), []);
  assert.equal(a(2, ended(2)), ["answer 2: accepted", "complete a: error of call 2"]);
});

test("keeps the event for the next next when the connection of a waiting one is lost", () => {
  const a = ready().through(1, dropped(1));
  assert.equal(a(2, invoke("a")), ["thaw", "set alarm timeout:a at 3002", "record platform.start a"]);
  assert.equal(a(3, next(2)), ["answer 2: invocation a, deadline 3002"]);
});

test("forgets only the next whose connection was lost", () => {
  const a = ready().through(1, next(2), dropped(1));
  assert.equal(a(2, invoke("a")).at(-1), "answer 2: invocation a, deadline 3002");
});

test("ends the phase only when the runtime calls next again after it lost its connection", () => {
  const a = sent();
  assert.equal(a(1, dropped(7)), []);
  assert.equal(a(5, next(3)), ends);
});

test.run();
