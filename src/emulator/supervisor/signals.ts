import { errorCode } from "../../platform/error-code.ts";

/** To the process group that `leader` leads; false when there is none. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): boolean {
  return leader !== undefined && send(-leader, signal);
}

export function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  return send(pid, signal);
}

function send(to: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(to, signal);
  } catch (error) {
    // It may have ended between our decision and the signal; what is left to be collected may not be signalled.
    const code = errorCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
    return false;
  }
}
