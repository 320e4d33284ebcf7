// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const telemetryEventMutants = of("telemetry/event.ts", [
  [
    "subscribers of one API hear of the other's",
    "happening.subscription.api === dialect.api ?",
    "dialect.api !== undefined ?",
  ],
  ["the Logs API is like the other", 'api === "Telemetry" ? platformEvents : legacyEvents', "platformEvents"],
  ["lines are objects in Text format", "json && schemaVersion", "schemaVersion"],
  ["lines are objects in the first schema", 'schemaVersion >= "2022-12-13"', 'schemaVersion >= "2022-07-01"'],
  ["lines lose their ends", "`${text}\\n`", "text"],
  ["lists are objects", 'if (!text.startsWith("{")) return undefined;', ""],
  [
    "types are told in the order of asking",
    "telemetryCategories.filter((category) => subscription.types.includes(category))",
    "[...subscription.types]",
  ],
]);
