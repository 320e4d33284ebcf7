import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A folder laid out as the npm packages of Node are, around a tiny executable that takes a program but runs none. */
export function standInEngine(folder: string): string {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version: process.version.slice(1) }));
  writeFileSync(join(folder, "LICENSE"), "Node.js is licensed for use as follows:\n");
  writeFileSync(join(folder, "bin", "node"), withFuse(readFileSync("/bin/true")), { mode: 0o755 });
  return folder;
}

/** Puts the mark that says where the program goes over a long text inside, since `strip` drops what is appended. */
function withFuse(executable: Buffer): Buffer {
  const at = executable.toString("latin1").search(/[ -~]{60}/);
  executable.write("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0", at, "latin1");
  return executable;
}
