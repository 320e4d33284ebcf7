// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const telemetryOtherLinesMutants = of("telemetry/other-lines.ts", [
  ["a success had lines of what went wrong", 'if (status === "success") return [];', ""],
  ["a time-out was told like a crash", 'if (status === "timeout") return [`${date} ${requestId} ${cause}`, ""];', ""],
  ["the official emulator measures memory", "Max Memory Used: ${memoryMb} MB`;", "Max Memory Used: 1 MB`;"],
]);
