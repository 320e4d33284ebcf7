import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PuppetProgram, placedPuppet } from "./puppet-program.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Makes `folder` a function whose `bootstrap` is a puppet, and tells it where the suite listens. */
export function installPuppet(folder: string, control: Address, program: PuppetProgram): void {
  mkdirSync(folder, { recursive: true });
  if (program.type === "node") copyFileSync(program.file, join(folder, "puppet.cjs"));
  writePuppet(join(folder, "bootstrap"), program, "puppet.cjs", control, "runtime");
}

/** Makes `folder` an `/opt` whose extensions are puppets of these names, and no others. */
export function installExtensions(
  folder: string,
  names: readonly string[],
  control: Address,
  program: PuppetProgram,
): void {
  const extensions = join(folder, "extensions");
  rmSync(extensions, { recursive: true, force: true });
  if (names.length === 0) return;
  mkdirSync(extensions, { recursive: true });
  if (program.type === "node") {
    mkdirSync(join(folder, "puppet"), { recursive: true });
    copyFileSync(program.file, join(folder, "puppet/puppet.cjs"));
  }
  for (const name of names) writePuppet(join(extensions, name), program, "../puppet/puppet.cjs", control, name);
}

function writePuppet(
  file: string,
  program: PuppetProgram,
  script: string,
  { host, port }: Address,
  role: string,
): void {
  const place = `${host} ${port} ${role}`;
  // One that runs cannot be written to; the next one takes its name.
  rmSync(file, { force: true });
  writeFileSync(file, program.type === "native" ? placedPuppet(program.bytes, place) : launcher(script, place));
  chmodSync(file, 0o755);
}

/** This very Node, or the one on the path where a container or a mount hides it. */
function launcher(script: string, place: string): string {
  const node = process.execPath.replaceAll("'", "'\\''");
  return `#!/bin/sh
node='${node}'
[ -x "$node" ] || node=node
exec "$node" "$(dirname "$0")/${script}" ${place}
`;
}
