import { headerValues, type WireExchange } from "../platform/wire-message.ts";

/** Puts `{id}` and `{NAME.Header}` into a text. What is not known stays as it is. */
export function fillPlaceholders(
  text: string,
  requestId: string,
  exchanges: ReadonlyMap<string, WireExchange>,
): string {
  return text.replace(/\{(?:id|([^{}.]+)\.([A-Za-z-]+))\}/g, (whole, name?: string, header?: string) => {
    if (name === undefined) return requestId;
    const answer = exchanges.get(name)?.answer;
    return (answer === undefined ? undefined : headerValues(answer, header ?? "")[0]) ?? whole;
  });
}
