import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./fixtures/puppet/puppet.cjs", import.meta.url));

/** Makes `folder` a function whose `bootstrap` is the puppet, and tells it where the suite listens. */
export function installPuppet(folder: string, control: { readonly host: string; readonly port: number }): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(program, join(folder, "puppet.cjs"));
  writeFileSync(join(folder, "puppet.json"), JSON.stringify(control));
  writeFileSync(join(folder, "bootstrap"), launcher());
  chmodSync(join(folder, "bootstrap"), 0o755);
}

/** This very Node, or the one on the path where a container or a mount hides it. */
function launcher(): string {
  const node = process.execPath.replaceAll("'", "'\\''");
  return `#!/bin/sh
node='${node}'
[ -x "$node" ] || node=node
exec "$node" "$(dirname "$0")/puppet.cjs"
`;
}
