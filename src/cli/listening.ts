import { PortTakenError } from "../emulator/api/server.ts";
import { UsageError } from "./failure.ts";

/** The address of a server that was told its port by `option`, or a sentence about that option where the port is taken. */
export async function listening(option: string, address: Promise<string>): Promise<string> {
  try {
    return await address;
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    throw new UsageError(`${error.message}: name another with "--${option}", or 0 for a free one`, { cause: error });
  }
}
