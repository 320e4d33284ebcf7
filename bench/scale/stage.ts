/** What every measure of scale runs: a function that answers with its event, on our bootstrap or on a light runtime. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionOptions } from "../../src/emulator/index.ts";
import { type LocalLayer, openLocalLayer } from "../../src/layer/local-layer.ts";

export interface Stage {
  /** On the compiled bootstrap, as a function would be. */
  readonly real: FunctionOptions;
  /** On a runtime of a few lines of shell, which starts at once: for measures that are about the emulator alone. */
  readonly light: FunctionOptions;
  readonly layer: LocalLayer;
}

const echo = "export const handler = async (event) => event;\n";

/** Keeps one connection and reads with a loop: what it spends is spent in curl, in a process of its own. */
const shell = `#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while event=$(curl -sS -D /tmp/head "$api/next"); do
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *\\([^[:cntrl:]]*\\).*/\\1/ip' /tmp/head)
  curl -sS -o /dev/null --data-binary "$event" "$api/$id/response"
done
`;

export async function makeStage(folder: string): Promise<Stage> {
  const [task, light] = [join(folder, "task"), join(folder, "light")];
  for (const path of [task, light]) mkdirSync(path);
  writeFileSync(join(task, "index.mjs"), echo);
  writeFileSync(join(light, "bootstrap"), shell);
  chmodSync(join(light, "bootstrap"), 0o755);
  const layer = await openLocalLayer();
  const limits = { timeoutMs: 60_000, memoryMb: 512 };
  return {
    layer,
    real: { task, layers: [layer.folder], ...limits },
    light: { task: light, ...limits },
  };
}
