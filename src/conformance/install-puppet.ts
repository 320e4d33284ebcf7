import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./fixtures/puppet/puppet.cjs", import.meta.url));

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Makes `folder` a function whose `bootstrap` is a puppet, and tells it where the suite listens. */
export function installPuppet(folder: string, control: Address): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(program, join(folder, "puppet.cjs"));
  writeLauncher(join(folder, "bootstrap"), "puppet.cjs", control, "runtime");
}

/** Makes `folder` an `/opt` whose extensions are puppets of these names, and no others. */
export function installExtensions(folder: string, names: readonly string[], control: Address): void {
  const extensions = join(folder, "extensions");
  rmSync(extensions, { recursive: true, force: true });
  if (names.length === 0) return;
  mkdirSync(extensions, { recursive: true });
  mkdirSync(join(folder, "puppet"), { recursive: true });
  copyFileSync(program, join(folder, "puppet/puppet.cjs"));
  for (const name of names) writeLauncher(join(extensions, name), "../puppet/puppet.cjs", control, name);
}

/** This very Node, or the one on the path where a container or a mount hides it. */
function writeLauncher(file: string, puppet: string, { host, port }: Address, role: string): void {
  const node = process.execPath.replaceAll("'", "'\\''");
  const script = `#!/bin/sh
node='${node}'
[ -x "$node" ] || node=node
exec "$node" "$(dirname "$0")/${puppet}" ${host} ${port} ${role}
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
}
