// Compiled from Rust, and loaded through N-API.
import { crc32 } from "@node-rs/crc32";

export const handler = async ({ text }) => crc32(Buffer.from(text));
