import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { TypedError } from "../function-error.ts";
import type { Invocation, InvocationHandler, StreamedResponse } from "../runtime-api.ts";
import { Deadline } from "./deadline.ts";
import { encodeFrame, type Frame, FrameError, readFrames } from "./frames.ts";

/** The program that runs the function's language. */
export interface ChildOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** The function's environment, unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** `LAMBDA_TASK_ROOT`, unless told. */
  readonly cwd?: string;
  /**
   * The child is killed so long before the invocation's deadline, and the caller gets a function error of ours instead of
   * Lambda's time-out, which would throw the whole environment away. Never, unless told.
   */
  readonly killBeforeDeadlineMs?: number;
}

/**
 * Starts a child process of another language and keeps it for all invocations. Resolves when the child is ready.
 *
 * The child reads frames from descriptor 3 and writes frames to descriptor 4 (`frames.ts` says what one is); its stdout
 * and stderr are the function's logs. First it writes `{"type":"ready"}`, or `{"type":"error","errorType":…,
 * "errorMessage":…}` when its Init failed. For each `{"type":"invocation","requestId":…,"bytes":…}` with the event behind
 * it, it writes one of
 *
 * - `{"type":"response","bytes":…}` and the response,
 * - `{"type":"error","errorType":…,"errorMessage":…,"stackTrace":[…]}`,
 * - `{"type":"stream","contentType":…}`, then any number of `{"type":"chunk","bytes":…}`, then `{"type":"end"}` or an error.
 *
 * A child that ends, or breaks the form, fails the invocation in hand with `Runtime.ExitError` or
 * `Runtime.ProtocolError`; the next invocation gets a new one.
 */
export async function childHandler(options: ChildOptions): Promise<InvocationHandler & Disposable> {
  let child = await Child.start(options);
  const handler: InvocationHandler = async (invocation) => {
    if (child.broken) child = await Child.start(options);
    return child.invoke(invocation);
  };
  return Object.assign(handler, { [Symbol.dispose]: () => child.end() });
}

class Child {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #frames: AsyncGenerator<Frame, void>;
  readonly #killBeforeDeadlineMs: number | undefined;
  readonly #exit: Promise<string>;
  #broken = false;

  private constructor(options: ChildOptions) {
    const { command, args = [], env = process.env, cwd = env.LAMBDA_TASK_ROOT } = options;
    this.#killBeforeDeadlineMs = options.killBeforeDeadlineMs;
    this.#process = spawn(command, args, { env, cwd, stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"] });
    const [, , , input, output] = this.#process.stdio;
    if (!(input instanceof Writable) || !(output instanceof Readable)) throw new TypeError("No pipes to the child");
    this.#input = input;
    this.#frames = readFrames(output);
    // A child that is gone breaks its pipes; its end is told by `#exit`.
    input.on("error", () => {});
    output.on("error", () => {});
    this.#exit = new Promise((resolve) => {
      this.#process.once("error", (error) => resolve(`cannot be started: ${error.message}`));
      this.#process.once("exit", (code, signal) =>
        resolve(signal === null ? `exited with status ${code}` : `was ended by ${signal}`),
      );
    });
    this.#process.once("exit", () => {
      this.#broken = true;
    });
  }

  /** A child that has said that it is ready. */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    const frame = await child.#next();
    if (frame.fields.type === "ready") return child;
    child.end();
    throw frame.fields.type === "error" ? errorIn(frame) : unexpected(frame, "ready");
  }

  get broken(): boolean {
    return this.#broken;
  }

  async invoke(invocation: Invocation): Promise<Uint8Array | StreamedResponse> {
    const deadline = new Deadline(invocation, this.#killBeforeDeadlineMs, () => this.end());
    try {
      const { event, ...fields } = invocation;
      if (!this.#input.write(encodeFrame({ type: "invocation", ...fields }, event))) await this.#drained();
      const frame = await this.#next(deadline);
      switch (frame.fields.type) {
        case "response":
          deadline[Symbol.dispose]();
          return frame.body;
        case "stream":
          return { contentType: textIn(frame, "contentType") ?? octets, body: this.#chunks(deadline) };
        case "error":
          throw errorIn(frame);
        default:
          this.end();
          throw unexpected(frame, "response, stream or error");
      }
    } catch (error) {
      deadline[Symbol.dispose]();
      throw error;
    }
  }

  async *#chunks(deadline: Deadline): AsyncGenerator<Uint8Array> {
    let ended = false;
    try {
      for (;;) {
        const frame = await this.#next(deadline);
        ended = frame.fields.type === "end" || frame.fields.type === "error";
        if (frame.fields.type === "end") return;
        if (frame.fields.type === "error") throw errorIn(frame);
        if (frame.fields.type !== "chunk") throw unexpected(frame, "chunk, end or error");
        yield frame.body;
      }
    } finally {
      deadline[Symbol.dispose]();
      // Nobody reads the rest of a stream that was given up, so the child would never get to the next invocation.
      if (!ended) this.end();
    }
  }

  /** The next frame. A child that has ended, or one that makes no sense, is an error. */
  async #next(deadline?: Deadline): Promise<Frame> {
    try {
      const { done, value } = await this.#frames.next();
      if (done !== true) return value;
    } catch (error) {
      this.end();
      if (error instanceof FrameError && error.code === "malformed")
        throw new TypedError("Runtime.ProtocolError", `The function's process broke the protocol: ${error.message}`);
    }
    // The pipe of a child that closed it by mistake is as useless as that of one that is gone.
    this.end();
    const how = await this.#exit;
    if (deadline?.passed === true)
      throw new TypedError("Runtime.DeadlineExceeded", "The function's process was stopped before its time-out");
    throw new TypedError("Runtime.ExitError", `The function's process ${how}`);
  }

  async #drained(): Promise<void> {
    await Promise.race([once(this.#input, "drain").catch(() => {}), this.#exit]);
  }

  end(): void {
    this.#broken = true;
    this.#process.kill("SIGKILL");
  }
}

const octets = "application/octet-stream";

function errorIn(frame: Frame): TypedError {
  const error = new TypedError(textIn(frame, "errorType") ?? "Error", textIn(frame, "errorMessage") ?? "");
  const { stackTrace } = frame.fields;
  // The frames are those of the other language, and are told as they are.
  if (Array.isArray(stackTrace) && stackTrace.length > 0) error.stack = stackTrace.map(String).join("\n");
  return error;
}

function unexpected({ fields }: Frame, expected: string): TypedError {
  return new TypedError(
    "Runtime.ProtocolError",
    `The function's process said ${JSON.stringify(fields.type)} where ${expected} was due`,
  );
}

function textIn({ fields }: Frame, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}
