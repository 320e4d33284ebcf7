/**
 * What never goes into a transcript. By name: headers, JSON fields and form fields; by look: keys, tokens and private
 * keys inside any text. The list stands in docs/extensions/recorder.md. What is encoded (base64, compressed) cannot be looked into.
 */

export const redacted = "[redacted]";

/** Compared with names in small letters, without anything but letters and digits. */
const secretName =
  /passw|pwd$|secret|token|apikey|authorization|^auth$|credential|cookie|privatekey|accesskey|sessionid|signature/;

const secretLooks = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g,
  /(?<=\b(?:Bearer|Basic)\s+)[\w.~+/-]{8,}=*/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** The name of a JSON field in text that is no JSON as a whole, such as a line of a log or the beginning of a body. */
const jsonName = /(\\*)"([\w.\- ]{1,100})\1"\s*:\s*/g;
const formField = /(^|[?&;\s])([\w.\-[\]%]{1,100})=([^&;\s"'\\]+)/g;

/** JSON inside JSON inside JSON: nobody nests deeper, and a hostile event cannot make us. */
const depthMax = 32;

export function isSecretName(name: string): boolean {
  return secretName.test(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

/** A header line, or a start line, which has no name. */
export function redactedHeader(line: string): string {
  const [, name = "", value = ""] = /^([^\s:]+):[ \t]*(.*)$/s.exec(line) ?? [];
  if (name === "") return redactedText(line);
  if (isSecretName(name)) return `${name}: ${redacted}`;
  const clean = redactedText(value);
  return clean === value ? line : `${name}: ${clean}`;
}

/** The text as it was where nothing in it is secret; JSON with a secret is written anew, and its spaces may be others. */
export function redactedText(text: string, depth = 0): string {
  const value = /^\s*[[{"]/.test(text) ? parsed(text) : undefined;
  if (value !== undefined) {
    const clean = redactedValue(value, depth + 1);
    return clean === value ? text : JSON.stringify(clean);
  }
  const nul = text.indexOf("\0\0\0\0\0\0\0\0");
  // The metadata of a streamed HTTP response ends there.
  if (nul > 0) return redactedText(text.slice(0, nul), depth) + redactedText(text.slice(nul), depth);
  const named = redactedFields(text).replace(formField, (all, before: string, name: string) =>
    isSecretName(name) ? `${before}${name}=${redacted}` : all,
  );
  return secretLooks.reduce((rest, look) => rest.replace(look, redacted), named);
}

function redactedFields(text: string): string {
  let clean = "";
  let from = 0;
  for (const match of text.matchAll(jsonName)) {
    const [whole, slashes = "", name = ""] = match;
    const begin = match.index + whole.length;
    if (match.index < from || !isSecretName(name)) continue;
    const end = endOfValue(text, begin, slashes);
    if (end === begin) continue;
    clean += `${text.slice(from, begin)}${slashes}"${redacted}${slashes}"`;
    from = end;
  }
  return clean + text.slice(from);
}

/** Of an object or a list the end is not looked for: too much is taken out rather than too little. */
function endOfValue(text: string, begin: number, slashes: string): number {
  if (/[[{]/.test(text.charAt(begin))) return text.length;
  if (!text.startsWith(`${slashes}"`, begin))
    return begin + (/^[\d.eE+-]+/.exec(text.slice(begin, begin + 30))?.[0].length ?? 0);
  let quote = begin + slashes.length;
  for (;;) {
    quote = text.indexOf('"', quote + 1);
    if (quote < 0) return text.length;
    let before = quote;
    while (text[before - 1] === "\\") before -= 1;
    // More backslashes than around the name: it is part of the value.
    if (quote - before <= slashes.length) return quote + 1;
  }
}

/** The same value where nothing in it is secret. */
export function redactedValue(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactedText(value, depth);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) return redacted;
  const cleaned = Object.entries(value).map(([name, own]) => [name, own, cleanField(value, name, own, depth)] as const);
  if (cleaned.every(([, before, after]) => before === after)) return value;
  if (Array.isArray(value)) return cleaned.map(([, , after]) => after);
  return Object.fromEntries(cleaned.map(([name, , after]) => [name, after]));
}

function cleanField(owner: object, name: string, value: unknown, depth: number): unknown {
  const isNothing = value === null || typeof value === "boolean" || value === "";
  if (!Array.isArray(owner) && isSecretName(name) && !isNothing) return redacted;
  // An HTTP event whose body cannot be looked into.
  if (name === "body" && typeof value === "string" && "isBase64Encoded" in owner && owner.isBase64Encoded === true)
    return `[${value.length} characters of base64]`;
  return redactedValue(value, depth + 1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
