import { targetOf, type WireExchange } from "../platform/wire-message.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";

/** The answers that a runtime gave to an event, in the order in which they began. */
export function answersTo(
  requestId: string,
  { exchanges }: RuntimeEvidence,
): readonly { readonly by: "response" | "error"; readonly exchange: WireExchange }[] {
  return exchanges.flatMap((exchange) => {
    const { method, path } = targetOf(exchange.request);
    const by = (["response", "error"] as const).find(
      (kind) => path === `/2018-06-01/runtime/invocation/${requestId}/${kind}`,
    );
    return method === "POST" && by !== undefined ? [{ by, exchange }] : [];
  });
}
