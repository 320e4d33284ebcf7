import type { Extension } from "bootlace/extension";

let invocations = 0;

/** Prints one readable line for everything that happens to its execution environment. */
export const extension: Extension = {
  events: ["INVOKE", "SHUTDOWN"],

  onInit({ functionName, functionVersion }) {
    say(`registered for ${functionName}, version ${functionVersion}`);
  },

  onInvoke({ requestId, deadlineMs }) {
    invocations += 1;
    say(`INVOKE ${requestId}, ${milliseconds(deadlineMs - Date.now())} left`);
  },

  onShutdown({ shutdownReason, deadlineMs }) {
    const seen = `${invocations} ${invocations === 1 ? "invocation" : "invocations"} seen`;
    say(`SHUTDOWN because of ${shutdownReason}: ${seen}, ${milliseconds(deadlineMs - Date.now())} left`);
  },
};

function say(sentence: string): void {
  console.log(`[lifecycle] ${sentence}`);
}

function milliseconds(duration: number): string {
  return `${duration.toLocaleString("en-US")} ms`;
}
