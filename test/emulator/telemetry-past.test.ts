/** What is kept for those who subscribe later in an Init. */
import * as assert from "uvu/assert";
import type { Happening } from "../../src/core/telemetry/event.ts";
import { Past } from "../../src/emulator/telemetry/past.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the past of an Init");

const began: Happening = {
  type: "record",
  record: { type: "platform.initStart", phase: "init" },
  facts: {
    functionName: "hello",
    version: "$LATEST",
    memoryMb: 128,
    maxMemoryUsedMb: 0,
    initializationType: "on-demand",
    logStreamName: "stream",
    dateOf: String,
  },
};

function line(category: "function" | "extension", text: string): Happening {
  return { type: "line", category, text, json: false };
}

function past(...happenings: readonly Happening[]): Past {
  const kept = new Past();
  for (const happening of happenings) kept.add({ time: "", happening });
  return kept;
}

test("begins with it and ends with it", () => {
  const kept = past(line("function", "before"), began, line("function", "x"));
  assert.is(kept.happenings.length, 2);
  kept.end();
  kept.add({ time: "", happening: line("function", "after") });
  assert.is(kept.happenings.length, 0);
  assert.is(past(began, line("function", "x"), began).happenings.length, 1, "of the latest one only");
});

test("has room for a mebibyte of lines, and counts the others by their kind", () => {
  const long = "x".repeat(600_000);
  const kept = past(
    began,
    line("function", long),
    line("function", long),
    line("extension", long),
    line("extension", "y"),
  );
  assert.is(kept.happenings.length, 3);
  assert.equal(kept.missed(["function"]), { records: 1, bytes: 600_001 });
  assert.equal(kept.missed(["function", "extension", "extension"]), { records: 2, bytes: 1_200_002 });
  assert.equal(kept.missed(["platform"]), { records: 0, bytes: 0 });
  kept.end();
  assert.equal(kept.missed(["function"]), { records: 0, bytes: 0 });
});

test.run();
