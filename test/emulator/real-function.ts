import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulated, emulate } from "../../src/emulator/emulate.ts";
import type { LogLine } from "../../src/emulator/environment-log.ts";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";

const fixtures = join(import.meta.dirname, "../fixtures/bootstraps");

/** A function whose processes are real, and what it wrote. */
export interface RealFunction extends AsyncDisposable {
  readonly emulated: Emulated;
  readonly lines: readonly string[];
  readonly log: readonly LogLine[];
  /** Invokes with this operation of the decent runtime; gives its value. */
  ask(op: string, fields?: object): Promise<unknown>;
}

/** Runs a file of `fixtures/bootstraps/node` as a function's runtime, or a whole folder where `task` names one. */
export async function realFunction(
  misbehaviour: string,
  options: Partial<FunctionOptions> & { readonly extensions?: string } = {},
): Promise<RealFunction> {
  const { extensions, ...rest } = options;
  const opt = mkdtempSync(join(tmpdir(), "bootlace-real-"));
  place(process.execPath, join(opt, "node"));
  if (extensions !== undefined) {
    mkdirSync(join(opt, "extensions"));
    copyFileSync(join(fixtures, "leaves-in-init", extensions), join(opt, "extensions", extensions));
    chmodSync(join(opt, "extensions", extensions), 0o755);
  }
  const log: LogLine[] = [];
  const isolation = options.isolation ?? isolationOfThisMachine();
  const environment = {
    NODE: isolation.kind === "mounts" ? "/opt/node" : process.execPath,
    MISBEHAVIOUR: misbehaviour,
  };
  const emulated = await emulate({
    task: join(fixtures, "node"),
    layers: [opt],
    functionName: "hello",
    timeoutMs: 10_000,
    environment,
    observer: () => ({ log: (line) => log.push(line) }),
    ...rest,
  });
  return {
    emulated,
    log,
    get lines() {
      return log.map(({ text }) => text);
    },
    ask: async (op, fields = {}) => {
      const result = await emulated.invoke({ op, ...fields });
      await result.logTail;
      if (result.functionError !== undefined) throw new Error(Buffer.from(result.payload).toString());
      return result.json();
    },
    [Symbol.asyncDispose]: async () => {
      await emulated.close();
      rmSync(opt, { recursive: true, force: true });
    },
  };
}

export function fixture(name: string): string {
  return join(fixtures, name);
}

/** A second name, or a copy where the two folders lie on different disks. */
function place(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name);
    chmodSync(name, 0o755);
  }
}
