import { type Architecture, architectures } from "../../layer/engine.ts";
import { UsageError } from "../failure.ts";

/** What `--arch` names. */
export function architecturesIn(text: string): readonly Architecture[] {
  if (text === "all") return architectures;
  const found = architectures.find((arch) => arch === text);
  if (found === undefined) throw new UsageError(`Option "--arch" takes x86_64, arm64 or all, not "${text}"`);
  return [found];
}
