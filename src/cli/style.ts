/** Colours for a terminal; none in pipes, files, or where NO_COLOR is set (no-color.org). */
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** `styleText` looks at the stream and at NO_COLOR itself. */
const apply = (format: Format) => (text: string) =>
  styleText(format, text, { stream: process.stdout, validateStream: true });

export const styled = {
  bold: apply("bold"),
  dim: apply("dim"),
  green: apply("green"),
  red: apply("red"),
  cyan: apply("cyan"),
} as const;
