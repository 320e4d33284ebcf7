import type { OpenTcp } from "./tcp.ts";
import { tcpOfEngine } from "./tcp-of-engine.ts";
import { openTcpOfNet } from "./tcp-of-net.ts";

/** Opens a connection in the quickest way that this engine and this address allow. */
export const openTcp: OpenTcp = (address, listener) => {
  const open = isIpv4(address.host) ? tcpOfEngine() : undefined;
  return (open ?? openTcpOfNet)(address, listener);
};

/** Names are looked up by `node:net`, which also knows the many ways to write an address of IPv6. */
function isIpv4(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}
