import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../platform/package-root.ts";
import { HarnessError, SubjectError } from "./verdict.ts";

/** What plays functions and extensions: a script for Node.js, or an executable that needs nothing in its image. */
export type PuppetProgram =
  | { readonly type: "node"; readonly file: string }
  | { readonly type: "native"; readonly file: string; readonly bytes: Buffer };

/** Lambda's names of the architectures for which a package may bring an executable. */
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "arm64" };

/** Where an executable has room for its address and its role; see layer/native/puppet.c. */
const marker = Buffer.from("@THE PLACE OF THIS PUPPET@\0");
const placeBytes = 512;

/** The program that is asked for: "node", or the file of an executable. Unless told, the package's own where it has one for this machine. */
export function puppetProgram(asked?: string): PuppetProgram {
  const prebuilt = ownFile(`puppet-${architectures[process.arch]}`);
  const file = asked ?? (process.platform === "linux" && existsSync(prebuilt) ? prebuilt : "node");
  if (file === "node") return { type: "node", file: ownFile("puppet.cjs") };
  const bytes = bytesIn(file);
  if (bytes.includes(marker)) return { type: "native", file, bytes };
  throw new SubjectError(`"${file}" is no puppet: "npm run build" makes dist/puppet-x86_64 and dist/puppet-arm64`);
}

/** The executable with its address and its role inside. */
export function placedPuppet(bytes: Buffer, place: string): Buffer {
  const words = Buffer.from(`${place}\0`);
  if (words.length > placeBytes) throw new HarnessError(`There is no room in a puppet for "${place}"`);
  const placed = Buffer.from(bytes);
  words.copy(placed, placed.indexOf(marker));
  return placed;
}

function ownFile(name: string): string {
  return join(packageRoot(), "src/conformance/fixtures/puppet", name);
}

function bytesIn(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SubjectError(`Cannot read the puppet "${file}": ${error instanceof Error ? error.message : error}`);
  }
}
