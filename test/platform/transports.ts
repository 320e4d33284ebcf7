import type { OpenTcp } from "../../src/platform/tcp.ts";
import { tcpOfEngine } from "../../src/platform/tcp-of-engine.ts";
import { openTcpOfNet } from "../../src/platform/tcp-of-net.ts";

/** Every way in which a connection may be opened here, by its name. */
export const transports: readonly (readonly [string, OpenTcp])[] = [
  ["node:net", openTcpOfNet],
  ...[tcpOfEngine()].filter((open) => open !== undefined).map((open) => ["the engine", open] as const),
];
