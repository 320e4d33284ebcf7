/** Judges what is seen of a runtime beside the wire: what a kill leaves behind, and the descriptor for its log. */
import type { RuntimeExpectation } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { answersTo } from "./runtime-finding.ts";
import { describeExit } from "./subject-exit.ts";
import type { SubjectFinding } from "./subject-finding.ts";
import { quoted } from "./text-check.ts";

type Expectation<Type extends RuntimeExpectation["type"]> = RuntimeExpectation & { type: Type };

export function judgeLostOrReported(
  { requestId }: Expectation<"lost-or-reported">,
  evidence: RuntimeEvidence,
): SubjectFinding | undefined {
  const [answer] = answersTo(requestId, evidence);
  if (answer?.by === "error") return { type: "observed", text: "it was reported as an error" };
  const [exit] = evidence.exits;
  if (exit !== undefined) return { type: "observed", text: `the runtime ended with ${describeExit(exit)}` };
  return { expected: `an error for ${requestId}, or an end of the runtime`, saw: "neither" };
}

export function judgeNobodyElseConnected({ holders }: RuntimeEvidence): SubjectFinding | undefined {
  if (holders === undefined) return { type: "unclear", reason: "this machine does not show who holds a connection" };
  const stranger = holders.find(({ inGroup }) => !inGroup);
  if (stranger === undefined) return undefined;
  return {
    expected: "no connection to the API in a process outside the runtime's group, which its end does not reach",
    saw: `one in ${quoted(stranger.command)}`,
  };
}

/** Type, length and microseconds since 1970, big endian: what AWS's own clients write before each payload. */
const headBytes = 16;

/** As far as the clocks of one machine can be apart from the time at which this is judged. */
const hourMs = 3_600_000;

export function judgeFramed(
  { text, types }: Expectation<"framed">,
  { framed }: RuntimeEvidence,
): SubjectFinding | undefined {
  const named = types.map((type) => type.toString(16)).join(" or ");
  const expected = `one frame of type ${named} with its time, its length and ${quoted(text)}, and nothing that is no frame`;
  if (framed.length === 0) return { expected, saw: "nothing was written" };
  let found = 0;
  for (let at = 0; at < framed.length; ) {
    if (at + headBytes > framed.length) return { expected, saw: `${framed.length - at} bytes that are no frame` };
    const [type, length] = [framed.readUInt32BE(at), framed.readUInt32BE(at + 4)];
    const writtenMs = Number(framed.readBigUInt64BE(at + 8) / 1_000n);
    const payload = framed.subarray(at + headBytes, at + headBytes + length);
    const head = framed.subarray(at, at + headBytes).toString("hex");
    if (type >>> 16 !== 0xa55a || payload.length < length) return { expected, saw: `no frame: ${head}` };
    if (Math.abs(writtenMs - Date.now()) > hourMs) return { expected, saw: `another time: ${head}` };
    if (payload.includes(text)) {
      if (!types.includes(type)) return { expected, saw: `another type: ${head}` };
      found += 1;
    }
    at += headBytes + length;
  }
  return found === 1 ? undefined : { expected, saw: `there were ${found}` };
}
