import { of } from "../mutant.ts";

export const environmentExtensionCallsMutants = of("environment/extension-calls.ts", [
  ["unknown events are taken", "if (unknown !== undefined) return invalidEventType(unknown);", ""],
  ["internal extensions may ask for SHUTDOWN", '!external && events.includes("SHUTDOWN")', "false"],
  [
    "external extensions may not ask for SHUTDOWN",
    '!external && events.includes("SHUTDOWN")',
    'events.includes("SHUTDOWN")',
  ],
  [
    "an external extension registers twice",
    'if (extension?.at === "launched") return',
    'if (extension !== undefined && extension.at !== "exited") return',
  ],
  [
    "names of extensions are looked up in the prototype",
    "if (own(environment.extensions, name) !== undefined) return",
    "if (environment.extensions[name] !== undefined) return",
  ],
  [
    "an internal name is taken twice",
    "if (own(environment.extensions, name) !== undefined) return extensionRefusals.nameTaken;",
    "",
  ],
  [
    "an eleventh internal extension registers",
    "  return full(environment) ? extensionRefusals.tooMany : undefined;",
    "  return undefined;",
  ],
  [
    "an eleventh external extension registers",
    "return full(environment) ? extensionRefusals.tooMany : undefined;\n  const from",
    "return undefined;\n  const from",
  ],
  [
    "a tenth extension is one too many",
    "registered.length >= limits.extensionsMax",
    "registered.length >= limits.extensionsMax - 1",
  ],
  ["extensions that only run count", '.filter((extension) => extension.at !== "launched")', ""],
  ["next is taken while waiting", '    case "ready":\n    case "init-error":', '    case "init-error":'],
  [
    "SHUTDOWN is given while the runtime is being stopped",
    'phase.stage === "extensions" && events.includes',
    "events.includes",
  ],
  ["SHUTDOWN is given to whoever calls next", 'events.includes("SHUTDOWN") && !told', "!told"],
  ["SHUTDOWN is given twice", 'events.includes("SHUTDOWN") && !told', 'events.includes("SHUTDOWN")'],
  [
    "an event that is owed is forgotten",
    'extension.at === "away" && phase.at === "invoke" ? extension.owed : undefined',
    "undefined",
  ],
  [
    "an event that was owed is given during a reset",
    'extension.at === "away" && phase.at === "invoke" ? extension.owed',
    'extension.at === "away" ? extension.owed',
  ],
  ["an extension may report whenever it likes", "if (!mayReport(extension, input.report)) {", "if (false) {"],
  ["an extension may report only once", "extension.at === report || ", ""],
  ["exit/error is refused after Init", 'return report === "exit-error" && (', "return false && ("],
  ["an extension may report init/error after Init", 'return report === "exit-error" && (', "return ("],
  [
    "state is checked before events",
    "eventsRefused(environment, input.events, external) ??\n    (external ? externalRefused : internalRefused)(environment, input.name)",
    "(external ? externalRefused : internalRefused)(environment, input.name) ??\n    eventsRefused(environment, input.events, external)",
  ],
  [
    "Managed Instances know INVOKE",
    'events.find((event) => event !== "SHUTDOWN")',
    "events.find((event) => !isEventType(event))",
  ],
  [
    "internal extensions of Managed Instances may ask for events",
    "if (!external) return events.length > 0 ? extensionRefusals.internalEvents : undefined;",
    "",
  ],
]);
