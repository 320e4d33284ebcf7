import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { profiles } from "../../src/protocol/profile.ts";
import { timeoutPayload } from "../../src/protocol/timeout-payload.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a profile");

const page = readFileSync(new URL("../../docs/PROFILES.md", import.meta.url), "utf8");

/** A row of the page's table as its cells, without the first. */
function row(name: string): readonly string[] {
  const line = page.split("\n").find((candidate) => candidate.startsWith(`| ${name} |`)) ?? "";
  return line
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

test("has a column in the docs, which says what it does", () => {
  const all = Object.values(profiles);
  assert.equal(
    page.match(/^\| \| (.*) \|$/m)?.[1]?.split(" | "),
    all.map(({ name }) => `\`${name}\``),
  );
  const yes = (value: boolean) => (value ? "yes" : "no");
  assert.equal(
    row("code and variables no larger than the service takes them"),
    all.map(({ quotas }) => yes(quotas)),
  );
  assert.equal(
    row("trace header, tracing of INVOKE"),
    all.map(({ trace }) => yes(trace)),
  );
  assert.equal(
    row("`Lambda-Runtime-Invocation-Id`"),
    all.map(({ invocationId }) => yes(invocationId)),
  );
  assert.equal(
    row("event headers without a value"),
    all.map(({ emptyHeaders }) => emptyHeaders),
  );
  assert.equal(
    row("the caller is answered"),
    all.map(({ answers }) => (answers === "after-phase" ? "when the Invoke phase is over" : "with the response")),
  );
  assert.equal(
    row("the runtime's share of a shutdown"),
    all.map((profile) => `${profile.runtimeShutdownMs} ms`),
  );
});

/** How a time-out is worded, and the payload, byte for byte. protocol 4.5 */
const payloads = [
  [
    "error-with-request-id",
    '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: a Error: Task timed out after 1.50 seconds"}',
  ],
  ["error", '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 1.50 seconds"}'],
  ["dated-message", '{"errorMessage":"2024-05-06T07:08:09.010Z a Task timed out after 1.50 seconds"}'],
  ["text", "Task timed out after 1.50 seconds"],
] as const;

for (const [wording, payload] of payloads) {
  test(`words a time-out as ${wording}`, () => {
    const facts = { requestId: "a", timeoutMs: 1_500, date: "2024-05-06T07:08:09.010Z" };
    assert.is(timeoutPayload(wording, facts), payload);
  });
}

test.run();
