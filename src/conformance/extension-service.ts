import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ScriptedAnswer } from "./extension-case.ts";
import { destinationOf, type TelemetryDestination } from "./telemetry-destination.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly header: (name: string) => string;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Registered {
  readonly identifier: string;
  readonly name: string;
  state: "registered" | "waits" | "busy" | "failed";
  waiter?: ServerResponse;
}

interface ServiceOptions {
  /** The file under `/opt/extensions`; whoever registers by another name is an internal extension. */
  readonly name: string;
  readonly answers: readonly ScriptedAnswer[];
  /** Called after each change of what the service knows. */
  readonly changed: () => void;
  /** Whether somebody listens there now. */
  readonly listens: (destination: TelemetryDestination) => Promise<boolean>;
}

/**
 * The service as an extension sees it: registers it, holds its `next` until a case has an event for it, and refuses what
 * Lambda refuses. Written out here with literals, from what was captured of the real one, so that a mistake in our
 * emulator cannot make a mistake of a subject look right.
 */
export class ExtensionService {
  readonly #options: ServiceOptions;
  readonly #server: Server;
  readonly #counts = new Map<string, number>();
  #registered: Registered[] = [];
  #runtimeWaits = false;
  /** Where telemetry goes; undefined until somebody subscribes. */
  destination: TelemetryDestination | undefined;
  readonly listened: boolean[] = [];

  private constructor(options: ServiceOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // An extension waits for as long as it takes, and so does its connection.
    Object.assign(this.#server, { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, timeout: 0 });
  }

  /** Listens on a free port of the loopback address. */
  static async open(options: ServiceOptions): Promise<ExtensionService> {
    const service = new ExtensionService(options);
    await new Promise<void>((resolve, reject) => {
      service.#server.once("error", reject);
      service.#server.listen(0, "127.0.0.1", resolve);
    });
    return service;
  }

  /** `host:port`. */
  get address(): string {
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** The external extension is ready for an event. */
  get extensionWaits(): boolean {
    return this.#external?.waiter !== undefined;
  }

  get runtimeWaits(): boolean {
    return this.#runtimeWaits;
  }

  /** Answers the `next` that waits. */
  send(event: string, headers: Readonly<Record<string, string>>): void {
    const extension = this.#external;
    if (extension?.waiter === undefined) return;
    write(extension.waiter, { status: 200, headers, body: event });
    delete extension.waiter;
    extension.state = "busy";
  }

  /** A new process is not known by what the one before it was given. */
  forget(): void {
    this.#registered = [];
    this.#runtimeWaits = false;
    this.destination = undefined;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  get #external(): Registered | undefined {
    return this.#registered.find(({ name }) => name === this.#options.name);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    request.on("error", () => {});
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      // It was cut short, and nobody waits for an answer.
      return;
    }
    const asked: Asked = {
      method: request.method ?? "",
      path: request.url ?? "",
      header: (name) => [request.headers[name.toLowerCase()] ?? []].flat().join(", "),
      body: Buffer.concat(pieces),
    };
    const answer = await this.#answer(asked, response);
    if (answer !== undefined) write(response, answer);
    this.#options.changed();
  }

  /** Undefined where the answer has to wait for an event. */
  async #answer(asked: Asked, response: ServerResponse): Promise<Answer | undefined> {
    const scripted = this.#scripted(asked);
    if (scripted !== undefined && (scripted.status >= 300 || asked.path !== register)) {
      return { status: scripted.status, ...labelled(scripted.body) };
    }
    const body = scripted === undefined ? undefined : labelled(scripted.body).body;
    switch (`${asked.method} ${asked.path}`) {
      case `POST ${register}`:
        return this.#register(asked, body);
      case "GET /2020-01-01/extension/event/next":
        return this.#next(asked, response);
      case "POST /2020-01-01/extension/init/error":
      case "POST /2020-01-01/extension/exit/error":
        return this.#report(asked);
      case "PUT /2022-07-01/telemetry":
      case "PUT /2020-08-15/logs":
        return this.#subscribe(asked);
      case "GET /2018-06-01/runtime/invocation/next":
        // No invocation ever comes: what is judged is the extension inside the runtime.
        this.#runtimeWaits = true;
        return undefined;
      case "POST /2018-06-01/runtime/init/error":
        return accepted;
      default:
        return { status: 404, headers: { "Content-Type": plainText }, body: "404 page not found\n" };
    }
  }

  #scripted({ method, path }: Asked): ScriptedAnswer | undefined {
    const key = `${method} ${path}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return this.#options.answers.find(
      ({ to }) => to.method === method && to.path === path && (to.nth === undefined || to.nth === nth),
    );
  }

  #register({ header, body }: Asked, scriptedBody: string | undefined): Answer {
    const name = header("Lambda-Extension-Name");
    if (name === "") return refusal("Extension.InvalidExtensionName", "Empty extension name");
    const events = eventsIn(body);
    if (events === undefined) return refusal("InvalidRequestFormat", "unexpected end of JSON input");
    const unknown = events.find((event) => event !== "INVOKE" && event !== "SHUTDOWN");
    if (unknown !== undefined) return refusal("Extension.InvalidEventType", `${unknown}: ErrorInvalidEventType`);
    const external = name === this.#options.name;
    if (!external && events.includes("SHUTDOWN")) {
      const reason = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
      return refusal("Extension.InvalidEventType", reason);
    }
    if (this.#registered.some((other) => other.name === name))
      return refusal("Extension.InvalidExtensionState", "Extension with this name already registered");
    const identifier = randomUUID();
    this.#registered.push({ identifier, name, state: "registered" });
    const account = header("Lambda-Extension-Accept-Feature")
      .split(/\s*,\s*/)
      .includes("accountId");
    const about = `${functionFacts.slice(0, -1)}${account ? ',"accountId":"123456789012"' : ""}}\n`;
    const headers = { "Content-Type": json, "Lambda-Extension-Identifier": identifier };
    return { status: 200, headers, body: scriptedBody ?? about };
  }

  #next(asked: Asked, response: ServerResponse): Answer | undefined {
    const extension = this.#identified(asked, (id) => `Unknown extension ${id}`);
    if ("status" in extension) return extension;
    if (extension.state === "waits" || extension.state === "failed") {
      const [from, id] = [extension.state === "waits" ? "Ready" : "InitError", extension.identifier];
      const reason = `State transition from ${from} to Ready failed for extension ${id}. Error: State transition is not allowed`;
      return refusal("Extension.InvalidExtensionState", reason);
    }
    extension.state = "waits";
    extension.waiter = response;
    response.once("close", () => {
      if (extension.waiter !== response) return;
      // Its connection is gone, and it may ask again.
      delete extension.waiter;
      extension.state = "busy";
    });
    return undefined;
  }

  #report(asked: Asked): Answer {
    const extension = this.#identified(asked, () => "Unknown Lambda-Extension-Identifier");
    if ("status" in extension) return extension;
    if (asked.header("Lambda-Extension-Function-Error-Type") === "")
      return refusal("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    extension.state = "failed";
    return accepted;
  }

  async #subscribe(asked: Asked): Promise<Answer> {
    const extension = this.#identified(asked, (id) => `Unknown extension ${id}`);
    if ("status" in extension) return extension;
    const prefix = asked.path.endsWith("/telemetry") ? "Telemetry" : "Logs";
    if (extension.state !== "registered")
      return refusal(`${prefix}.SubscriptionClosed`, `${prefix} API subscription is closed already`);
    const destination = destinationOf(asked.body);
    if (destination !== undefined) this.listened.push(await this.#options.listens(destination));
    this.destination = destination;
    return { status: 200, headers: { "Content-Type": json }, body: '"OK"' };
  }

  #identified({ header }: Asked, unknown: (identifier: string) => string): Registered | Answer {
    const identifier = header("Lambda-Extension-Identifier");
    if (identifier === "")
      return refusal("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header");
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(identifier))
      return refusal("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier");
    const found = this.#registered.find((one) => one.identifier === identifier);
    return found ?? refusal("Extension.UnknownExtensionIdentifier", unknown(identifier));
  }
}

const register = "/2020-01-01/extension/register";
const json = "application/json";
const plainText = "text/plain; charset=utf-8";
const functionFacts = '{"functionName":"conformance","functionVersion":"$LATEST","handler":"index.handler"}';
const accepted: Answer = { status: 202, headers: { "Content-Type": json }, body: '{"status":"OK"}\n' };

function refusal(errorType: string, errorMessage: string): Answer {
  return { status: 403, ...labelled({ errorMessage, errorType }) };
}

function labelled(body: ScriptedAnswer["body"]): Pick<Answer, "headers" | "body"> {
  if (typeof body === "string") return { headers: { "Content-Type": plainText }, body };
  return { headers: { "Content-Type": json }, body: `${JSON.stringify(body)}\n` };
}

function write(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  // Lambda sends none.
  response.removeHeader("Connection");
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** What is asked for; nothing where the field is absent or null. Undefined where the body is no JSON object. */
function eventsIn(body: Buffer): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value !== "object" || value === null) return undefined;
    const events = "events" in value ? (value.events ?? []) : [];
    return Array.isArray(events) ? events : undefined;
  } catch {
    return undefined;
  }
}
