import { connect } from "node:net";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import type { EmulatorCase } from "./emulator-case.ts";
import { EmulatorProcess } from "./emulator-process.ts";
import { installPuppet } from "./install-puppet.ts";
import { PuppetTheatre } from "./puppet-theatre.ts";
import { SubjectError } from "./verdict.ts";

/** An emulator to be judged. */
export type EmulatorSubject =
  /** Started for each case as `COMMAND DIR --port 0 --concurrency 1 --timeout SECONDS`; it prints its URL first. */
  | { readonly type: "command"; readonly command: readonly string[] }
  /** Runs already, with the code of its function in this folder. */
  | {
      readonly type: "url";
      readonly url: string;
      readonly functionDirectory: string;
      readonly functionName: string;
    };

/** A subject that is ready for one case. */
export interface OpenEmulator extends AsyncDisposable {
  readonly theatre: PuppetTheatre;
  /** `host:port` of its Invoke API. */
  readonly authority: string;
  readonly functionName: string;
  /** The function's time-out, where we have set it. */
  readonly timeoutMs?: number;
  /** Whether another case will meet the same emulator. */
  readonly shared: boolean;
}

const timeoutSecondsDefault = 30;

export async function openEmulator(subject: EmulatorSubject, testCase: EmulatorCase): Promise<OpenEmulator> {
  const theatre = await PuppetTheatre.open();
  try {
    return subject.type === "url" ? await join(subject, theatre) : await start(subject.command, testCase, theatre);
  } catch (error) {
    await theatre.close();
    throw error;
  }
}

async function join(
  { url, functionDirectory, functionName }: EmulatorSubject & { type: "url" },
  theatre: PuppetTheatre,
): Promise<OpenEmulator> {
  const authority = authorityOf(url);
  if (!(await listens(authority))) throw new SubjectError(`Nobody listens at ${url}`);
  installPuppet(functionDirectory, theatre.address);
  return { theatre, authority, functionName, shared: true, [Symbol.asyncDispose]: () => theatre.close() };
}

async function start(
  command: readonly string[],
  { timeoutSeconds = timeoutSecondsDefault }: EmulatorCase,
  theatre: PuppetTheatre,
): Promise<OpenEmulator> {
  const folder = temporaryFolder("bootlace-puppet-");
  try {
    const { path, remove } = folder;
    installPuppet(path, theatre.address);
    const args = [path, "--port", "0", "--concurrency", "1", "--timeout", String(timeoutSeconds)];
    const emulator = await EmulatorProcess.start(command, args);
    const close = async () => {
      await emulator[Symbol.asyncDispose]();
      await theatre.close();
      remove();
    };
    const timeoutMs = timeoutSeconds * 1000;
    const authority = authorityOf(emulator.url);
    return { theatre, authority, functionName: "function", timeoutMs, shared: false, [Symbol.asyncDispose]: close };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function listens(authority: string): Promise<boolean> {
  const { hostname: host, port } = new URL(`http://${authority}`);
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/[[\]]/g, ""), port: Number(port || 80) });
    socket.once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
    socket.once("error", () => resolve(false));
  });
}

function authorityOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? "80" : port}`;
}
