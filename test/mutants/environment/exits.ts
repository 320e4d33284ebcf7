// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const environmentExitsMutants = of("environment/exits.ts", [
  [
    "an exit during a shutdown starts another",
    'environment.phase.at === "shutdown" || environment.phase.at === "closed"',
    "false",
  ],
  [
    "a bootstrap that does not start is a launch error of an extension",
    'input.process === "runtime" ? platformErrors.invalidEntrypoint',
    'input.process !== "runtime" ? platformErrors.invalidEntrypoint',
  ],
  [
    "a signal reads like a code",
    "return `Runtime exited with error: signal: ${exit.signal}`;",
    "return `Runtime exited with error: ${exit.signal}`;",
  ],
  ["exit code 0 reads like the others", 'if (exit.code === 0) return "Runtime exited without providing a reason";', ""],
  [
    "an extension's exit code 0 reads like the others",
    'exit.code === 0 ? "exit code 0"',
    'exit.code < 0 ? "exit code 0"',
  ],
  [
    "an extension's signal reads like a code",
    'if (exit.how === "signal") return `signal: ${exit.signal}`;',
    'if (exit.how === "signal") return `exit status ${exit.signal}`;',
  ],
  [
    "an extension's init error is a crash",
    'if (extension?.at === "init-error") return platformErrors.extensionInitError;',
    "",
  ],
  [
    "an extension's exit error is a crash",
    'if (extension?.at === "exit-error") return platformErrors.extensionExitError;',
    "",
  ],
  [
    "the type of an init error is lost",
    "errorType: reported ? runtime.errorType : platformErrors.runtimeExit",
    "errorType: platformErrors.runtimeExit",
  ],
  ["the type of a restore error is lost", ' || runtime.at === "restore-error";', ";"],
  ["a restore that fails is a function error", '{ ...fault, refusal: "SnapStartException" }', "fault"],
  [
    "every crash of a SnapStart function is one of the restore",
    'environment.phase.at === "restore" ?',
    'environment.settings.initializationType === "snap-start" ?',
  ],
]);
