import { renameSync, rmSync, writeFileSync } from "node:fs";
import { SocketTap } from "../../platform/socket-tap.ts";
import { version } from "../../platform/version.ts";
import {
  type WireTranscriptHead,
  type WireTranscriptLine,
  wireTranscriptLine,
  wireTranscriptVersion,
} from "../../protocol/wire-transcript.ts";
import type { TelemetryRecord } from "../telemetry/record.ts";
import { redactedHeader, redactedText, redactedValue } from "./redaction.ts";
import { TranscriptFile } from "./transcript-file.ts";
import { type HeardPiece, WireRecorder } from "./wire-recorder.ts";

/** What is recorded, and where it goes. */
export interface RecordingOptions {
  /** `AWS_LAMBDA_RUNTIME_API` as Lambda gave it. */
  readonly runtimeApi: string;
  readonly file: string;
  /** The file never has more. */
  readonly fileBytesMax: number;
  /** Of each body so many bytes are kept, besides its length. */
  readonly bodyBytesMax: number;
  /** Hears each line as well. */
  readonly heard?: (line: string) => void;
  /** A file that holds the address of the proxy as long as there is one. */
  readonly addressFile: string;
  /** Is told in a sentence what cannot be recorded, once. */
  readonly failed: (sentence: string) => void;
}

/**
 * A proxy in front of the Runtime API, and the transcript of what passes it. Bytes are passed on as they are; what goes
 * wrong with recording them ends the recording and nothing else.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #head: WireTranscriptHead;
  readonly #recorder: WireRecorder;
  readonly #removeAddress = () => rmSync(this.#options.addressFile, { force: true });
  readonly #atExit = () => this.close();
  #tap: SocketTap | undefined;
  #file: TranscriptFile | undefined;
  #pieces: HeardPiece[] = [];
  #broken = false;

  private constructor(options: RecordingOptions) {
    this.#options = options;
    this.#head = { wire: "transcript", version: wireTranscriptVersion, at: Date.now(), by: `bootlace/${version}` };
    this.#recorder = new WireRecorder(options.bodyBytesMax, (line) => this.#write(line));
  }

  /** Never rejects: where there is no proxy, nobody is sent to one, and the runtime's calls go unrecorded. */
  static async open(options: RecordingOptions): Promise<Recording> {
    const recording = new Recording(options);
    recording.#attempt(() => {
      options.heard?.(wireTranscriptLine(recording.#head));
      recording.#file = new TranscriptFile(options.file, options.fileBytesMax, recording.#head);
    });
    await recording.#listen();
    process.once("exit", recording.#atExit);
    return recording;
  }

  event(event: unknown): void {
    this.#attempt(() => this.#write({ wire: "event", at: Date.now(), event }));
  }

  telemetry(records: readonly TelemetryRecord[]): void {
    this.#attempt(() => {
      for (const record of records) {
        const received = record.type === "unknown" ? record.received : record;
        this.#write({ wire: "telemetry", at: Date.parse(record.time) || Date.now(), record: received });
      }
    });
  }

  /** Writes what was heard so far. */
  flush(): void {
    this.#attempt(() => {
      const pieces = this.#pieces;
      this.#pieces = [];
      for (const piece of pieces) this.#recorder.hear(piece);
    });
  }

  /** Writes what is under way too. The proxy goes on: whoever is connected to it needs it until the end. */
  close(): void {
    this.flush();
    this.#attempt(() => this.#recorder.end("the recording ended"));
    this.#attempt(this.#removeAddress);
  }

  /** Ends the proxy as well. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#atExit);
    this.close();
    await this.#tap?.close();
  }

  async #listen(): Promise<void> {
    const { runtimeApi, addressFile, failed } = this.#options;
    try {
      // Of a process that was here before and had no time to remove it.
      this.#removeAddress();
      this.#tap = await SocketTap.open({ target: () => runtimeApi, heard: (piece) => this.#hear(piece) });
      const temporary = `${addressFile}.${process.pid}`;
      writeFileSync(temporary, `${this.#tap.address}\n`, { mode: 0o644, flag: "wx" });
      renameSync(temporary, addressFile);
    } catch (error) {
      await this.#tap?.close();
      failed(`The runtime's calls are not recorded: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Reading and writing wait until the bytes are on their way. */
  #hear(piece: Parameters<SocketTapHeard>[0]): void {
    if (this.#broken) return;
    this.#pieces.push({ ...piece, date: Date.now() });
    if (this.#pieces.length === 1) setImmediate(() => this.flush());
  }

  #write(line: WireTranscriptLine): void {
    const text = wireTranscriptLine(clean(line));
    this.#options.heard?.(text);
    this.#file?.append(text);
  }

  #attempt(work: () => void): void {
    if (this.#broken) return;
    try {
      work();
    } catch (error) {
      this.#broken = true;
      this.#pieces = [];
      this.#options.failed(`Recording has ended: ${error instanceof Error ? error.message : error}`);
    }
  }
}

type SocketTapHeard = Parameters<typeof SocketTap.open>[0]["heard"];

function clean(line: WireTranscriptLine): WireTranscriptLine {
  switch (line.wire) {
    case "exchange": {
      const { request, answer } = line;
      return { ...line, request: cleanMessage(request), ...(answer && { answer: cleanMessage(answer) }) };
    }
    case "event":
      return { ...line, event: redactedValue(line.event) };
    case "telemetry":
      return { ...line, record: redactedValue(line.record) };
    default:
      return line;
  }
}

function cleanMessage<Message extends Extract<WireTranscriptLine, { wire: "exchange" }>["request"]>(
  message: Message,
): Message {
  const { head, body, trailers } = message;
  return {
    ...message,
    head: head.map(redactedHeader),
    ...(body && { body: cleanBody(body) }),
    ...(trailers && { trailers: trailers.map(redactedHeader) }),
  };
}

/** What is not text cannot be looked into, so it is only counted. */
function cleanBody({ latin1: _, text, ...rest }: NonNullable<Parameters<typeof cleanMessage>[0]["body"]>) {
  return { ...rest, ...(text !== undefined && { text: redactedText(text) }) };
}
