/** The extension `otlp` beside a function that has the least memory there is: for long, and with nothing lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { otlpReceiver } from "../e2e/otlp-receiver.ts";
import { together } from "../e2e/otlp-wire.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the extension otlp that lives long");
const invocations = 1_000;

test(
  `tells of ${invocations} invocations in one environment of 128 MB`,
  async () => {
    const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    const runtime = await openLocalLayer();
    const receiver = await otlpReceiver();
    try {
      const { file } = await buildLayer({
        outFile: join(root, "otlp.zip"),
        level: 1,
        extensions: ["otlp"],
        bootstrap: "absent",
      });
      const lambda = await emulate({
        task: join(import.meta.dirname, "../fixtures/handlers/endings"),
        layers: [runtime.folder, file],
        functionName: "told",
        environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
        memoryMb: 128,
      });
      try {
        for (let count = 0; count < invocations; count += 1) await (await lambda.invoke({ ending: "well" })).logTail;
      } finally {
        await lambda.close();
      }
      const { spans } = together(receiver.taken.map(({ content }) => content));
      assert.is(spans.filter(({ name }) => name === "init").length, 1);
      assert.is(spans.filter(({ name }) => name === "told").length, invocations);
    } finally {
      receiver.close();
      runtime.remove();
      rmSync(root, { recursive: true, force: true });
    }
  },
  { timeoutMs: 300_000 },
);

test.run();
