import type { Exit } from "../../core/environment/input.ts";

/** How Go, and so Lambda, spells the signals that end processes. https://pkg.go.dev/syscall#Signal */
const signalNames: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** What Node tells of a process's end, in the core's words. */
export function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal !== null) return { how: "signal", signal: signalNames[signal] ?? signal };
  return { how: "code", code: code ?? 0 };
}
