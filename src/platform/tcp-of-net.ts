import { type OpenTcp, tcpInput } from "./tcp.ts";

/** Connects with `node:net`, to any name or address, on any Node. Not imported: most starts do without it. */
export const openTcpOfNet: OpenTcp = ({ host, port }, listener) => {
  const received = (length: number): true => {
    listener.received(tcpInput.subarray(0, length));
    return true;
  };
  const onread = { buffer: tcpInput, callback: received };
  const socket = process.getBuiltinModule("node:net").connect({ host, port, noDelay: true, onread });
  let cause: Error | undefined;
  socket.on("connect", () => listener.opened());
  socket.on("drain", () => listener.drained());
  socket.on("end", () => listener.ended());
  socket.on("error", (error) => {
    cause = error;
  });
  socket.on("close", () => listener.closed(cause));
  return {
    write(pieces) {
      socket.cork();
      for (const piece of pieces) socket.write(piece, "latin1");
      socket.uncork();
      return !socket.writableNeedDrain;
    },
    get unsent() {
      return socket.writableLength > 0;
    },
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
    destroy: () => void socket.destroy(),
  };
};
