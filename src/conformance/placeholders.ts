import { headerValues, type WireExchange } from "../platform/wire-message.ts";

/** What the names in placeholders stand for. */
export interface PlaceholderValues {
  /** Of the event that the runtime got last. */
  readonly requestId: string;
  readonly exchanges: ReadonlyMap<string, WireExchange>;
  /** Of listeners for telemetry. */
  readonly ports?: ReadonlyMap<string, number>;
}

/** Puts `{id}`, `{NAME.Header}` and `{NAME.port}` into a text. What is not known stays as it is. */
export function fillPlaceholders(text: string, { requestId, exchanges, ports }: PlaceholderValues): string {
  return text.replace(/\{(?:id|([^{}.",:]+)\.([A-Za-z-]+))\}/g, (whole, name?: string, header = "") => {
    if (name === undefined) return requestId;
    const answer = exchanges.get(name)?.answer;
    const value = answer === undefined ? undefined : headerValues(answer, header)[0];
    return value ?? (header === "port" ? String(ports?.get(name) ?? whole) : whole);
  });
}
