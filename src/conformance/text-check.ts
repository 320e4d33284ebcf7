import type { TextCheck } from "./case.ts";

/** Whether a header's values pass; a header that is sent twice passes nothing but a pattern that knows of it. */
export function textPasses(values: readonly string[], check: TextCheck): boolean {
  if ("absent" in check) return values.length === 0;
  if ("absentOrEmpty" in check) return values.every((value) => value === "");
  if (values.length === 0) return false;
  const value = values.join(", ");
  return "equals" in check ? value === check.equals : new RegExp(check.matches).test(value);
}

/** The check as the end of a sentence: `is "x"`. */
export function describeTextCheck(check: TextCheck): string {
  if ("absent" in check) return "is absent";
  if ("absentOrEmpty" in check) return "is absent or empty";
  return "equals" in check ? `is ${quoted(check.equals)}` : `matches /${check.matches}/`;
}

/** What was there, for the person. */
export function describeValues(values: readonly string[]): string {
  return values.length === 0 ? "it is absent" : `it is ${quoted(values.join(", "))}`;
}

/** A piece of text that fits a line, with everything that a terminal could act on made visible. */
export function quoted(text: string): string {
  const shown = JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return shown.length > 160 ? `${shown.slice(0, 157)}…"` : shown;
}
