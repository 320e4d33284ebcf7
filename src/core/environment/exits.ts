/** Processes that end or never begin. Inside a shutdown that is expected; anywhere else the environment is reset. */
import { platformErrors } from "../../protocol/function-error.ts";
import { type Stepped, stepped } from "./effect.ts";
import type { Exit, Input } from "./input.ts";
import type { Environment, Extension, Fault, Instant, ProcessName } from "./model.ts";
import { beginReset } from "./shutdown.ts";
import { own, withoutProcess } from "./views.ts";

export function processExited(
  environment: Environment,
  input: Input & { type: "process-exited" },
  at: Instant,
): Stepped {
  return leave(environment, input.process, faultOf(environment, input.process, input.exit), at);
}

export function processStartFailed(
  environment: Environment,
  input: Input & { type: "process-start-failed" },
  at: Instant,
): Stepped {
  const errorType =
    input.process === "runtime" ? platformErrors.invalidEntrypoint : platformErrors.extensionLaunchError;
  return leave(environment, input.process, { status: "error", errorType, cause: input.reason }, at);
}

function leave(environment: Environment, process: ProcessName, fault: Fault, at: Instant): Stepped {
  const expected = environment.phase.at === "shutdown" || environment.phase.at === "closed";
  return expected ? stepped(withoutProcess(environment, process)) : beginReset(environment, fault, at, process);
}

/** The first failure of a phase is what the caller is told. RIE interop/model.go, and real answers for extensions. */
function faultOf(environment: Environment, process: ProcessName, exit: Exit): Fault {
  if (process === "runtime") {
    const { runtime } = environment;
    const reported = runtime.at === "init-error" || runtime.at === "restore-error";
    const fault: Fault = {
      status: "error",
      errorType: reported ? runtime.errorType : platformErrors.runtimeExit,
      cause: runtimeCause(exit),
    };
    return environment.phase.at === "restore" ? { ...fault, refusal: "SnapStartException" } : fault;
  }
  const extension = own(environment.extensions, process.slice("extension:".length));
  return { status: "error", errorType: extensionErrorType(extension), cause: extensionCause(exit) };
}

function runtimeCause(exit: Exit): string {
  if (exit.how === "signal") return `Runtime exited with error: signal: ${exit.signal}`;
  if (exit.code === 0) return "Runtime exited without providing a reason";
  return `Runtime exited with error: exit status ${exit.code}`;
}

function extensionCause(exit: Exit): string {
  if (exit.how === "signal") return `signal: ${exit.signal}`;
  return exit.code === 0 ? "exit code 0" : `exit status ${exit.code}`;
}

function extensionErrorType(extension: Extension | undefined): string {
  if (extension?.at === "init-error") return platformErrors.extensionInitError;
  if (extension?.at === "exit-error") return platformErrors.extensionExitError;
  return platformErrors.extensionCrash;
}
