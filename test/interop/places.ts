import { homedir } from "node:os";
import { join } from "node:path";

const checkout = join(import.meta.dirname, "../..");

/** A record without the places of whoever's machine made it; messages may have cut a path off anywhere. */
export function withoutPlaces(text: string): string {
  const whole = text.replaceAll(checkout, "/checkout").replaceAll(homedir(), "/home/somebody");
  const cut = whole.replace(/(?:file:\/\/)?(\/[\w/.-]*)…/g, (found, path: string) =>
    checkout.startsWith(path) ? "/…" : found,
  );
  // Cargo keeps sources in a folder that is named after where they came from.
  return cut.replace(/registry\/src\/[^/"\s]+\//g, "registry/src/");
}
