/** The extension "recorder" in its layer beside our runtime, with real processes: what it wrote is what the journal says. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type Emulated, type EmulateOptions, emulate } from "../../src/emulator/emulate.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { parseWireTranscript } from "../../src/protocol/schema/wire-transcript.ts";
import type { WireTranscriptExchange, WireTranscriptLine } from "../../src/protocol/wire-transcript.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the recorder");
const patient = { timeoutMs: 120_000 };
const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "bootlace-test-"));
const runtime = await openLocalLayer();
test.after(() => {
  runtime.remove();
  rmSync(scratch, { recursive: true, force: true });
});
const { file: layer, entries } = await buildLayer({
  outFile: join(scratch, "recorder.zip"),
  level: 1,
  extensions: ["recorder"],
  bootstrap: "absent",
});

/** Where this machine has no namespaces there is no /opt either, and the wrapper is found in the checkout. */
const wrapper = isolationOfThisMachine().kind === "mounts" ? "/opt/bootlace/record" : join(root, "layer/record.sh");

interface Recorded {
  readonly lambda: Emulated;
  readonly log: string[];
  /** What the recorder printed, once it is gone. */
  lines(): Promise<readonly WireTranscriptLine[]>;
}

async function run(work: (recorded: Recorded) => Promise<void>, options: Partial<EmulateOptions> = {}) {
  const log: string[] = [];
  await using lambda = await emulate({
    task: join(root, "test/fixtures/handlers/recorded"),
    layers: [runtime.folder, layer],
    timeoutMs: 10_000,
    ...options,
    environment: {
      AWS_LAMBDA_EXEC_WRAPPER: wrapper,
      BOOTLACE_RECORDER_PRINT: "1",
      BOOTLACE_RECORDER_FILE: `/tmp/bootlace-recorder-test-${process.pid}.jsonl`,
      ...options.environment,
    },
    observer: () => ({ log: ({ text }) => log.push(...text.split("\n").filter((line) => line !== "")) }),
  });
  const lines = async () => {
    await lambda.close();
    return parseWireTranscript(log.filter((line) => line.startsWith('{"wire":')).join("\n"));
  };
  await work({ lambda, log, lines });
}

function exchangesOf(lines: readonly WireTranscriptLine[]): readonly WireTranscriptExchange[] {
  return lines.flatMap((line) => (line.wire === "exchange" ? [line] : []));
}

/** The runtime's calls in the transcript, in the words of the journal. */
function callsIn(lines: readonly WireTranscriptLine[]) {
  return exchangesOf(lines).flatMap(({ request }) => {
    const [, path = ""] = (request.head[0] ?? "").split(" ");
    if (path.endsWith("/invocation/next")) return ["next"];
    const [, requestId, answer] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    return requestId === undefined ? [] : [`${answer} ${requestId} ${request.body?.bytes}`];
  });
}

async function callsInJournal(lambda: Emulated): Promise<readonly string[]> {
  const [journal] = await lambda.journals();
  const entries = journal?.entries ?? [];
  return entries.flatMap(({ input }) => {
    if (input.type === "runtime-next") return ["next"];
    if (input.type !== "answer-began") return [];
    const end = entries.find((entry) => entry.input.type === "answer-ended" && entry.input.call === input.call)?.input;
    return [`${input.answer} ${input.requestId} ${end?.type === "answer-ended" && end.bytes}`];
  });
}

test("is a layer with its wrapper", () => {
  const [own] = entries.filter(({ path }) => path === "bootlace/record");
  assert.is(own?.mode, 0o755);
});

test(
  "writes what was said and what was told, in order, without what is secret",
  () =>
    run(async ({ lambda, log, lines }) => {
      const results = [];
      for (const event of [{ password: "hunter2", n: 1 }, { op: "fail" }, { password: "hunter2", n: 2 }]) {
        const result = await lambda.invoke(event);
        await result.logTail;
        results.push(result);
      }
      assert.equal(results[0]?.json(), { echoed: { password: "hunter2", n: 1 } });
      assert.equal(results[1]?.functionError, "Unhandled");
      const recorded = await lines();
      assert.equal(callsIn(recorded), await callsInJournal(lambda));
      const requestIds = results.map(({ requestId }) => requestId);
      assert.equal(
        recorded.flatMap((line) => (line.wire === "event" ? [Reflect.get(Object(line.event), "requestId")] : [])),
        [...requestIds, undefined],
      );
      const told = recorded.flatMap((line) => (line.wire === "telemetry" ? [Object(line.record)] : []));
      for (const type of ["platform.start", "platform.runtimeDone", "platform.report"])
        assert.equal(
          told.filter((record) => record.type === type).map(({ record }) => record.requestId),
          requestIds,
          type,
        );
      const written = log.filter((line) => line.startsWith('{"wire":')).join("\n");
      assert.not.match(written, "hunter2");
      assert.match(written, "[redacted]");
      assert.ok(exchangesOf(recorded).some(({ lost }) => lost !== undefined));
      const file = join(scratch, "wire.jsonl");
      writeFileSync(file, `${written}\n`);
      const page = execFileSync(join(root, "src/cli/bootlace.mjs"), ["replay", file], { encoding: "utf8" });
      assert.match(page, `POST /2018-06-01/runtime/invocation/${requestIds[0]}/response HTTP/1.1`);
    }),
  patient,
);

test(
  "passes streams on, with the trailers of one that fails",
  () =>
    run(
      async ({ lambda, lines }) => {
        for (const fail of [false, true]) {
          const { body, ended } = await lambda.stream({ fail });
          const pieces: Buffer[] = [];
          for await (const piece of body) pieces.push(Buffer.from(piece));
          assert.match(Buffer.concat(pieces).toString(), /^one two three/);
          const { functionError, logTail } = await ended;
          assert.is(functionError, fail ? "Unhandled" : undefined);
          await logTail;
        }
        const recorded = await lines();
        assert.equal(callsIn(recorded), await callsInJournal(lambda));
        const streams = exchangesOf(recorded).filter(({ request }) => request.body?.text?.startsWith("one"));
        assert.equal(
          streams.map(({ request }) => request.trailers?.[0]),
          [undefined, "Lambda-Runtime-Function-Error-Type: RangeError"],
        );
      },
      { handler: "index.streaming" },
    ),
  patient,
);

test(
  "keeps its file below its size",
  () =>
    run(
      async ({ lambda }) => {
        // One environment has them all: the next invocation comes when it is free again.
        for (let n = 0; n < 20; n += 1) await (await lambda.invoke({ filler: "x".repeat(1_000) })).logTail;
        const file = `/tmp/bootlace-recorder-test-${process.pid}-small.jsonl`;
        const text = String((await lambda.invoke({ op: "read", file })).json());
        assert.ok(Buffer.byteLength(text) <= 16_384);
        assert.ok(parseWireTranscript(text).some((line) => line.wire === "dropped" && line.lines > 0));
      },
      {
        environment: {
          BOOTLACE_RECORDER_FILE: `/tmp/bootlace-recorder-test-${process.pid}-small.jsonl`,
          BOOTLACE_RECORDER_BYTES: "16384",
          BOOTLACE_RECORDER_PRINT: "",
        },
      },
    ),
  patient,
);

test(
  "is missed by nobody where its options are wrong or it was killed",
  () =>
    run(
      async ({ lambda, log, lines }) => {
        const first = await lambda.invoke({ n: 1 });
        assert.equal(first.json(), { echoed: { n: 1 } });
        await first.logTail;
        // Lambda resets an environment whose extension ends, whatever that extension is for.
        const killed = await lambda.invoke({ op: "kill" });
        assert.is(killed.functionError, "Unhandled");
        await killed.logTail;
        assert.equal((await lambda.invoke({ n: 2 })).json(), { echoed: { n: 2 } });
        const recorded = await lines();
        assert.is(recorded.filter(({ wire }) => wire === "transcript").length, 2);
        assert.equal(callsIn(recorded).filter((call) => call.startsWith("response")).length, 2);
        assert.match(log.join("\n"), "BOOTLACE_RECORDER_BYTES is a whole number of bytes");
      },
      { environment: { BOOTLACE_RECORDER_BYTES: "lots" } },
    ),
  patient,
);

test(
  "is not needed by the runtime behind its wrapper",
  () =>
    run(
      async ({ lambda, log }) => {
        assert.equal((await lambda.invoke({ n: 1 })).json(), { echoed: { n: 1 } });
        assert.match(log.join("\n"), "The recorder is not there");
      },
      { layers: [runtime.folder, wrapperAlone()] },
    ),
  patient,
);

test(
  "records a runtime in another language, whose bootstrap asks for it",
  () =>
    run(
      async ({ lambda, lines }) => {
        for (const n of [1, 2]) {
          const result = await lambda.invoke({ n });
          assert.equal(result.json(), { n });
          await result.logTail;
        }
        const recorded = await lines();
        assert.equal(callsIn(recorded), await callsInJournal(lambda));
        assert.is(callsIn(recorded).filter((call) => call.startsWith("response")).length, 2);
      },
      { task: shellRuntime(), handler: "function.handler", environment: { AWS_LAMBDA_EXEC_WRAPPER: "" } },
    ),
  patient,
);

function shellRuntime(): string {
  const folder = join(scratch, "shell-runtime");
  mkdirSync(folder);
  const source = join(root, "test/interop/curl-and-shell");
  copyFileSync(join(source, "bootstrap"), join(folder, "runtime"));
  copyFileSync(join(source, "function.sh"), join(folder, "function.sh"));
  const bootstrap = `#!/bin/sh\nexec ${wrapper} "$LAMBDA_TASK_ROOT/runtime"\n`;
  writeFileSync(join(folder, "bootstrap"), bootstrap, { mode: 0o755 });
  return folder;
}

function wrapperAlone(): string {
  const folder = join(scratch, "wrapper-alone");
  mkdirSync(join(folder, "bootlace"), { recursive: true });
  copyFileSync(join(root, "layer/record.sh"), join(folder, "bootlace/record"));
  return folder;
}

test.after(() => {
  for (const name of ["", "-small"]) rmSync(`/tmp/bootlace-recorder-test-${process.pid}${name}.jsonl`, { force: true });
});
test.run();
