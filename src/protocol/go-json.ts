/** JSON as Lambda's own encoder writes it: `<`, `>` and `&` escaped. One newline follows it on the wire, see `goJsonLine`. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A body of the Runtime and Extensions APIs: Go's encoder ends each value with a newline. RIE rendering/render_json.go */
export function goJsonLine(value: unknown): string {
  return `${goJson(value)}\n`;
}
