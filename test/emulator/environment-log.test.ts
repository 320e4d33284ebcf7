import * as assert from "uvu/assert";
import { EnvironmentLog, type LogLine } from "../../src/emulator/environment-log.ts";
import { suite } from "../helpers/suite.ts";
import { staged } from "./staged-environment.ts";

const test = suite("an environment's log");

const runtime = { source: "function" } as const;

function opened() {
  const lines: LogLine[] = [];
  return {
    lines,
    log: new EnvironmentLog({ line: (line) => lines.push(line) }),
    texts: () => lines.map(({ text }) => text),
  };
}

test("waits for a line's newline, whatever the chunks", () => {
  const { log, texts } = opened();
  for (const chunk of ["one", " and ", "two\nthree\n\nfo", "ur"]) log.write(runtime, "stdout", Buffer.from(chunk));
  assert.equal(texts(), ["one and two", "three", ""]);
  log.end(runtime);
  assert.equal(texts(), ["one and two", "three", "", "four"]);
});

test("keeps a character together that was cut between chunks, at every place", () => {
  const bytes = Buffer.from("aä€\u{1f600}z\n");
  for (let first = 1; first < bytes.length; first++)
    for (let second = first; second < bytes.length; second++) {
      const { log, texts } = opened();
      for (const chunk of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])
        log.write(runtime, "stdout", chunk);
      assert.equal(texts(), ["aä€\u{1f600}z"]);
    }
});

test("shows what a process left in the middle of a character", () => {
  const { log, texts } = opened();
  log.write(runtime, "stdout", Buffer.from([0x61, 0xe2, 0x82]));
  log.end(runtime);
  assert.equal(texts(), ["a\ufffd"]);
});

test("keeps outputs and processes apart", () => {
  const { log, lines } = opened();
  log.write(runtime, "stdout", Buffer.from("a"));
  log.write(runtime, "stderr", Buffer.from("b\n"));
  log.write({ source: "extension", name: "x" }, "stdout", Buffer.from("c\n"));
  log.write(runtime, "stdout", Buffer.from("d\n"));
  assert.equal(lines, [
    { source: "function", text: "b" },
    { source: "extension", name: "x", text: "c" },
    { source: "function", text: "ad" },
  ]);
});

test("does not wait for ever for a newline", () => {
  const { log, texts } = opened();
  for (let n = 0; n < 40; n++) log.write(runtime, "stdout", Buffer.alloc(65_536, "a"));
  assert.equal(
    texts().map((text) => text.length),
    [1_048_576, 1_048_576],
  );
});

test("has a tail of the last 4,096 bytes, in which the bytes of a cut character are U+FFFD each", () => {
  const { log } = opened();
  log.keepTail("r");
  log.write(runtime, "stdout", Buffer.from("€".repeat(2_000)));
  log.write(runtime, "stdout", Buffer.from("\n"));
  // 4,095 bytes of 3-byte characters before the newline: the cut falls exactly between two.
  assert.is(log.takeTail("r").toString(), `${"€".repeat(1_365)}\n`);
  log.keepTail("s");
  log.write(runtime, "stdout", Buffer.from(`${"€".repeat(2_000)}ab\n`));
  assert.is(log.takeTail("s").toString(), `\ufffd${"€".repeat(1_364)}ab\n`);
  assert.is(log.takeTail("s").length, 0);
});

test("has a tail that begins with its invocation", () => {
  const { log } = opened();
  log.write(runtime, "stdout", Buffer.from("before\n"));
  log.keepTail("r");
  log.write(runtime, "stdout", Buffer.from("after\n"));
  assert.is(log.takeTail("r").toString(), "after\n");
});

test("has a function's output before END, and a crash's last words before its report", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await stage.until(() => stage.told.includes("start runtime"));
  stage.wrote("runtime", "loading\n");
  await stage.serve("r-1");
  await result;
  stage.wrote("runtime", "last words without a newline", "stderr");
  stage.exit("runtime", { how: "code", code: 1 });
  await stage.environment.available();
  assert.equal(
    stage.lines.map((line) => line.replace(/\d+\.\d\d ms|\d+ ms/g, "N ms")),
    [
      "loading",
      "START RequestId: r-1 Version: $LATEST",
      "last words without a newline",
      "END RequestId: r-1",
      "REPORT RequestId: r-1\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 128 MB\tMax Memory Used: 50 MB\tInit Duration: N ms\tStatus: error\tError Type: Runtime.ExitError",
    ],
  );
});

test.run();
