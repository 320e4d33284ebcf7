import * as assert from "uvu/assert";
import { functionErrorOf, TypedError } from "../../src/runtime/function-error.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("functionErrorOf()");

class OutOfCoffee extends Error {
  override readonly name = "OutOfCoffee";
}

const awkward = `line\nquote " \u{1f600} \x7f ${"x".repeat(10_000)} \ud800`;

const table = [
  ["an error", new TypeError("no"), "TypeError", "no"],
  ["an error with a name of its own", new OutOfCoffee("empty"), "OutOfCoffee", "empty"],
  ["an error of ours", new TypedError("Runtime.X", "why"), "Runtime.X", "why"],
  ["an awkward message", new Error(awkward), "Error", awkward],
  ["a string", "boom", "string", "boom"],
  ["a number", 5, "number", "5"],
  ["a symbol", Symbol("s"), "symbol", "Symbol(s)"],
  ["a bigint", 5n, "bigint", "5"],
  ["null", null, "object", "null"],
  ["undefined", undefined, "undefined", "undefined"],
  ["an object", { code: 1 }, "object", '{"code":1}'],
  [
    "an error with an object for a message",
    Object.assign(new RangeError(), { message: { a: 1 } }),
    "RangeError",
    '{"a":1}',
  ],
  ["an error without a message", Object.assign(new RangeError(), { message: undefined }), "RangeError", "undefined"],
  ["something of another realm", { name: "Far", message: "away", stack: "Far: away" }, "Far", "away"],
] as const;

for (const [name, thrown, errorType, errorMessage] of table) {
  test(`describes ${name}`, () => {
    const error = functionErrorOf(thrown);
    assert.is(error.errorType, errorType);
    assert.is(error.errorMessage, errorMessage);
    assert.ok(Array.isArray(error.stackTrace));
    assert.is(JSON.parse(JSON.stringify(error)).errorMessage, errorMessage);
  });
}

const hostile = [
  ["a message that throws", Object.defineProperty(new Error(), "message", { get: fail })],
  ["a stack that throws", Object.defineProperty(new Error(), "stack", { get: fail })],
  ["an object that cannot be written down", { toJSON: fail }],
  ["a proxy that answers nothing", new Proxy({}, { has: fail, get: fail })],
] as const;

for (const [name, thrown] of hostile) {
  test(`survives ${name}`, () => {
    assert.is(functionErrorOf(thrown).errorType, "Runtime.Unknown");
  });
}

test("asks a getter once, which may say something else the next time", () => {
  let asked = 0;
  const name = () => (asked++ === 0 ? "Fickle" : 1n);
  const error = functionErrorOf(Object.defineProperty(new Error("said"), "name", { get: name }));
  assert.equal([error.errorType, error.errorMessage], ["Fickle", "said"]);
});

test("splits the stack into lines", () => {
  const [first, second] = functionErrorOf(new Error("here")).stackTrace ?? [];
  assert.is(first, "Error: here");
  assert.match(second ?? "", /^ +at .*function-error\.test\.ts/);
});

function fail(): never {
  throw new Error("no access");
}

test.run();
