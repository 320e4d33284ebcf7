import type { CaseId } from "../case.ts";

/** Requirements without a case, because nobody can tell from outside whether they are met. */
export const notJudged: readonly { readonly id: CaseId; readonly requirement: string; readonly why: string }[] = [
  {
    id: "EXT-SHD-004",
    requirement: "Where SIGKILL comes without a SHUTDOWN event, nothing is lost that came before the last flush",
    why: "What an extension has sent, and where to, is its own affair; a case sees only what goes over the Lambda APIs",
  },
];
