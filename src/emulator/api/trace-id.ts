import { randomBytes } from "node:crypto";
import { machineClock } from "../../platform/clock.ts";
import { headerSafe, headers } from "../../protocol/headers.ts";
import type { Exchange } from "./exchange.ts";

/** The caller's trace where it can stand in a header again, else a new one. */
export function traceIdOf(exchange: Exchange): string {
  const given = exchange.header(headers.amznTraceId) ?? "";
  return given !== "" && headerSafe(given) ? given : newTraceId();
}

/** A new trace with the lineage that Lambda adds. The lineage's fields are copied from real headers; their meaning is not documented. */
function newTraceId(): string {
  const epoch = Math.floor(machineClock.epochMs() / 1000).toString(16);
  const digits = randomBytes(24).toString("hex");
  const [trace, parent, lineage] = [digits.slice(0, 24), digits.slice(24, 40), digits.slice(40)];
  return `Root=1-${epoch}-${trace};Parent=${parent};Sampled=0;Lineage=1:${lineage}:0`;
}
