import { HttpClient } from "../platform/http-client.ts";
import type { HttpResponse } from "../platform/http-message.ts";
import { version } from "../platform/version.ts";
import type { InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import { headers } from "../protocol/headers.ts";
import { paths } from "../protocol/paths.ts";
import type { TelemetryApi } from "../protocol/telemetry.ts";
import {
  type ExtensionEvent,
  type ExtensionsApi,
  ExtensionsApiError,
  type RegisteredFunction,
  type Registration,
} from "./extensions-api.ts";

const identity = { "User-Agent": `bootlace/${version}` } as const;
const json = { "Content-Type": "application/json" } as const;

interface ExtensionsApiOptions {
  /** Waiting for an event does not keep the process alive. */
  readonly background?: boolean;
}

/** The Extensions API over one HTTP connection. */
export class ExtensionsApiClient implements ExtensionsApi {
  readonly #http: HttpClient;
  readonly #reports: HttpClient;
  readonly #background: boolean;
  #identifier: string | undefined;

  /** `reports` carries error reports: an extension may have to say that it broke while `next` is outstanding. */
  constructor(http: HttpClient, reports: HttpClient, { background = false }: ExtensionsApiOptions = {}) {
    this.#http = http;
    this.#reports = reports;
    this.#background = background;
  }

  async register({ name, events, features = [] }: Registration): Promise<RegisteredFunction> {
    const accept = features.length === 0 ? {} : { [headers.extensionAcceptFeature]: features.join(",") };
    const response = await this.#http.request({
      method: "POST",
      path: paths.register,
      headers: { ...identity, ...json, [headers.extensionName]: name, ...accept },
      body: Buffer.from(JSON.stringify({ events })),
    });
    this.#identifier = response.headers.get(headers.extensionIdentifier.toLowerCase());
    if (response.status !== 200 || this.#identifier === undefined)
      throw new ExtensionsApiError("REGISTER_REFUSED", `Cannot register extension "${name}": ${summary(response)}`);
    // as: the platform's own answer; an extension that needs nothing of it must not die of a missing field.
    return parsed(response) as RegisteredFunction;
  }

  async nextEvent(): Promise<ExtensionEvent> {
    const response = await this.#http.request({
      method: "GET",
      path: paths.extensionNext,
      headers: this.#headers(),
      background: this.#background,
    });
    if (response.status !== 200)
      throw new ExtensionsApiError("NEXT_REFUSED", `Cannot get the next event: ${summary(response)}`);
    // By its body and not by its label: a SHUTDOWN arrives as text/plain.
    return knownEvent(parsed(response));
  }

  async subscribe(api: TelemetryApi, body: object): Promise<"subscribed" | "unsupported"> {
    const response = await this.#http.request({
      method: "PUT",
      path: api === "Telemetry" ? paths.telemetry : paths.logs,
      headers: { ...this.#headers(), ...json },
      body: Buffer.from(JSON.stringify(body)),
    });
    if (response.status === 200) return "subscribed";
    // The official emulator says 202; others have no such route.
    if (response.status === 202 || response.status === 404) return "unsupported";
    throw new ExtensionsApiError("SUBSCRIBE_REFUSED", `Cannot subscribe to telemetry: ${summary(response)}`);
  }

  reportInitError(error: FunctionError): Promise<void> {
    return this.#report(paths.extensionInitError, error);
  }

  reportExitError(error: FunctionError): Promise<void> {
    return this.#report(paths.extensionExitError, error);
  }

  [Symbol.dispose](): void {
    this.#http.close();
    this.#reports.close();
  }

  async #report(path: string, { errorType, errorMessage, stackTrace = [] }: FunctionError): Promise<void> {
    const type = errorType.slice(0, 256).replace(/[^\x20-\x7e]/g, "?");
    const response = await this.#reports.request({
      method: "POST",
      path,
      headers: { ...this.#headers(), ...json, [headers.extensionFunctionErrorType]: type },
      body: Buffer.from(JSON.stringify({ errorType, errorMessage, stackTrace })),
    });
    if (response.status >= 300) console.error(`The Extensions API refused the error report: ${summary(response)}`);
  }

  #headers(): Readonly<Record<string, string>> {
    if (this.#identifier === undefined)
      throw new ExtensionsApiError(
        "NOT_REGISTERED",
        "Cannot call the Extensions API: the extension has not registered",
      );
    return { ...identity, [headers.extensionIdentifier]: this.#identifier };
  }
}

/** Prepares a client for `host:port`; it connects with the first call. */
export function connectExtensionsApi(authority: string, options: ExtensionsApiOptions = {}): ExtensionsApiClient {
  return new ExtensionsApiClient(new HttpClient(authority), new HttpClient(authority), options);
}

function knownEvent(event: unknown): ExtensionEvent {
  const eventType = typeof event === "object" && event !== null && "eventType" in event ? event.eventType : undefined;
  // as: the platform's own event, told apart by its type; fields that are missing or new are the hook's to see.
  if (eventType === "INVOKE") return event as InvokeEvent;
  if (eventType === "SHUTDOWN") return event as ShutdownEvent;
  return { eventType: "UNKNOWN", received: event };
}

function parsed(response: HttpResponse): unknown {
  try {
    return JSON.parse(response.body.toString("utf8"));
  } catch (cause) {
    throw new ExtensionsApiError("BAD_EVENT", `Cannot read what the Extensions API sent: ${summary(response)}`, {
      cause,
    });
  }
}

function summary(response: HttpResponse): string {
  return `it answered ${response.status} ${response.body.toString("utf8", 0, 300).trim()}`.trim();
}
