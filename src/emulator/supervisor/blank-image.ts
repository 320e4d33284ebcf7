/**
 * An empty ext4 in a file, laid out here because of all that `mke2fs` does an environment's `/tmp` needs a few blocks, and
 * would wait for the disk. https://docs.kernel.org/filesystems/ext4/
 */
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { machineClock } from "../../platform/clock.ts";

export interface BlankImage {
  /** A file to be made. */
  readonly path: string;
  /** What it has to hold. */
  readonly megabytes: number;
  /** Whose root folder it is. */
  readonly uid: number;
  readonly gid: number;
}

const blockBytes = 4096;
/** As many as a block has bits, since one block says which of them are taken. */
const groupBlocks = 8 * blockBytes;
const inodeBytes = 256;
/** One for each 16 KiB, as `mke2fs` makes them. */
const bytesPerInode = 16_384;
const descriptorBytes = 32;
/** The first ten have a meaning, and number 2 is the root folder. */
const inodesReserved = 10;

/** Writes what is not zero, which is some ten blocks of half a gigabyte; the rest of the file is a hole. */
export function writeBlankImage({ path, megabytes, uid, gid }: BlankImage): void {
  const plan = planOf(megabytes);
  const file = openSync(path, "wx", 0o600);
  try {
    ftruncateSync(file, plan.blocks * blockBytes);
    const write = (bytes: Buffer, block: number) => writeSync(file, bytes, 0, bytes.length, block * blockBytes);
    write(superblock(plan), 0);
    write(Buffer.concat(plan.groups.map(descriptor)), 1);
    for (const group of plan.groups) {
      write(bitmap(group.taken, group.blocks), group.blockBitmap);
      write(bitmap(group.first ? inodesReserved : 0, plan.inodesPerGroup), group.blockBitmap + 1);
      if (!group.first) continue;
      write(rootInode(group.inodeTable + plan.tableBlocks, uid, gid), group.inodeTable);
      write(rootFolder(), group.inodeTable + plan.tableBlocks);
    }
  } finally {
    closeSync(file);
  }
}

interface Plan {
  readonly blocks: number;
  readonly inodesPerGroup: number;
  readonly tableBlocks: number;
  readonly groups: readonly Group[];
}

/** Its two bitmaps lie side by side, and the table of inodes behind them. */
interface Group {
  readonly first: boolean;
  readonly blocks: number;
  readonly blockBitmap: number;
  readonly inodeTable: number;
  /** Blocks at its beginning that are in use. */
  readonly taken: number;
  readonly freeInodes: number;
}

/** Room for what was asked, for the tables, and for the blocks in which large files and folders keep where they are. */
function planOf(megabytes: number): Plan {
  const wanted = Math.ceil(((megabytes * 1.02 + 10) * 1024 * 1024) / blockBytes);
  const count = Math.ceil(wanted / groupBlocks);
  const perBlock = blockBytes / inodeBytes;
  const tableBlocks = Math.ceil((wanted * blockBytes) / bytesPerInode / count / perBlock);
  const descriptorBlocks = Math.ceil((count * descriptorBytes) / blockBytes);
  // A last group that would be little more than its own tables is made as large as that, and then has room.
  const blocks = Math.max(wanted, (count - 1) * groupBlocks + 2 * (2 + tableBlocks));
  const inodesPerGroup = tableBlocks * perBlock;
  const groups = Array.from({ length: count }, (_, index): Group => {
    const first = index === 0;
    const start = index * groupBlocks;
    const blockBitmap = start + (first ? 1 + descriptorBlocks : 0);
    const inodeTable = blockBitmap + 2;
    return {
      first,
      blocks: Math.min(groupBlocks, blocks - start),
      blockBitmap,
      inodeTable,
      taken: inodeTable + tableBlocks - start + (first ? 1 : 0),
      freeInodes: inodesPerGroup - (first ? inodesReserved : 0),
    };
  });
  return { blocks, inodesPerGroup, tableBlocks, groups };
}

/** No backups of it (sparse_super2), no journal, no checksums, nothing left to be initialised after the mount. */
const features = {
  /** ext_attr, dir_index, sparse_super2 */
  compatible: 0x8 | 0x20 | 0x200,
  /** filetype, extents */
  incompatible: 0x2 | 0x40,
  /** large_file, huge_file, dir_nlink, extra_isize */
  readOnlyCompatible: 0x2 | 0x8 | 0x20 | 0x40,
};

/** The bytes from 1,024 on; before them is room for a boot sector. */
function superblock({ blocks, inodesPerGroup, groups }: Plan): Buffer {
  const bytes = Buffer.alloc(2048);
  const at = (offset: number) => 1024 + offset;
  const free = groups.reduce((sum, group) => sum + group.blocks - group.taken, 0);
  const words: readonly (readonly [offset: number, value: number])[] = [
    [0x00, inodesPerGroup * groups.length],
    [0x04, blocks],
    [0x0c, free],
    [0x10, inodesPerGroup * groups.length - inodesReserved],
    // Blocks, and what is given out together, are 1,024 bytes shifted by two.
    [0x18, 2],
    [0x1c, 2],
    [0x20, groupBlocks],
    [0x24, groupBlocks],
    [0x28, inodesPerGroup],
    // The revision in which inodes have a size and features are named.
    [0x4c, 1],
    [0x54, inodesReserved + 1],
    [0x5c, features.compatible],
    [0x60, features.incompatible],
    [0x64, features.readOnlyCompatible],
    // Attributes of users and access lists, as `mke2fs` has it.
    [0x100, 0x4 | 0x8],
    // How names are hashed: with signed characters, on every processor.
    [0x160, 0x1],
  ];
  for (const [offset, value] of words) bytes.writeUInt32LE(value, at(offset));
  const halves = [
    // Never counted, never checked for its age.
    [0x36, 0xffff],
    [0x38, 0xef53],
    // Unmounted cleanly; goes on after an error.
    [0x3a, 1],
    [0x3c, 1],
    [0x58, inodeBytes],
    // What the larger inodes use of their second half.
    [0x15c, extraBytes],
    [0x15e, extraBytes],
  ] as const;
  for (const [offset, value] of halves) bytes.writeUInt16LE(value, at(offset));
  randomBytes(16).copy(bytes, at(0x68));
  randomBytes(16).copy(bytes, at(0xec));
  // Names are hashed by half of MD4.
  bytes.writeUInt8(1, at(0xfc));
  return bytes;
}

function descriptor({ first, blocks, blockBitmap, inodeTable, taken, freeInodes }: Group): Buffer {
  const bytes = Buffer.alloc(descriptorBytes);
  bytes.writeUInt32LE(blockBitmap, 0x00);
  bytes.writeUInt32LE(blockBitmap + 1, 0x04);
  bytes.writeUInt32LE(inodeTable, 0x08);
  bytes.writeUInt16LE(blocks - taken, 0x0c);
  bytes.writeUInt16LE(freeInodes, 0x0e);
  bytes.writeUInt16LE(first ? 1 : 0, 0x10);
  return bytes;
}

/** The first bits are of what is in use, the last of what does not exist. */
function bitmap(taken: number, count: number): Buffer {
  const bytes = Buffer.alloc(blockBytes);
  bytes.fill(0xff, 0, taken >> 3).fill(0xff, Math.ceil(count / 8));
  for (let bit = taken & ~7; bit < taken; bit += 1) setBit(bytes, bit);
  for (let bit = count; bit % 8 !== 0; bit += 1) setBit(bytes, bit);
  return bytes;
}

function setBit(bytes: Buffer, bit: number): void {
  const index = bit >> 3;
  bytes.writeUInt8(bytes.readUInt8(index) | (1 << (bit % 8)), index);
}

const extraBytes = 32;
/** It has one block, in which it lists itself, and may be written by its owner. */
const folderMode = 0o040755;

/** The block of inodes with number 2 filled in. */
function rootInode(block: number, uid: number, gid: number): Buffer {
  const inode = Buffer.alloc(inodeBytes);
  const now = Math.floor(machineClock.epochMs() / 1000);
  inode.writeUInt16LE(folderMode, 0x00);
  inode.writeUInt16LE(uid, 0x02);
  inode.writeUInt32LE(blockBytes, 0x04);
  for (const time of [0x08, 0x0c, 0x10]) inode.writeUInt32LE(now, time);
  inode.writeUInt16LE(gid, 0x18);
  inode.writeUInt16LE(2, 0x1a);
  // In sectors.
  inode.writeUInt32LE(blockBytes / 512, 0x1c);
  inode.writeUInt32LE(block, 0x28);
  inode.writeUInt16LE(extraBytes, 0x80);
  return Buffer.concat([Buffer.alloc(inodeBytes), inode]);
}

/** Itself under both of its names. */
function rootFolder(): Buffer {
  const bytes = Buffer.alloc(blockBytes);
  const entries = [
    [0, 12, "."],
    [12, blockBytes - 12, ".."],
  ] as const;
  for (const [offset, length, name] of entries) {
    bytes.writeUInt32LE(2, offset);
    bytes.writeUInt16LE(length, offset + 4);
    bytes.writeUInt8(name.length, offset + 6);
    bytes.writeUInt8(2, offset + 7);
    bytes.write(name, offset + 8);
  }
  return bytes;
}
