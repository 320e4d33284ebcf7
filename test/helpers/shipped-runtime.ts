import { hostArchitecture } from "../../src/layer/engine.ts";
import { writeRuntime } from "../../src/layer/runtime-parts.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";

/** The runtime in the shape that is released, in a folder that goes when the process exits: how to start it. */
export async function shippedRuntime(): Promise<string> {
  const { path } = temporaryFolder("bootlace-shipped-");
  await writeRuntime({ arch: hostArchitecture, shape: "launcher" }, path);
  return `${path}/bootstrap`;
}
