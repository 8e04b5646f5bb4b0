/**
 * Reads the zip archives that functions are packaged in: stored or deflated entries, found
 * through the central directory.
 * Not for: archives over 4 GB (zip64), encryption, or writing.
 */
import { crc32, inflateRawSync } from 'node:zlib';

/** @source https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.16, 4.3.12, 4.3.7 */
const SIGNATURES = { end: 0x06054b50, entry: 0x02014b50, file: 0x04034b50 } as const;
const SIZES = { end: 22, entry: 46, file: 30, longestComment: 0xffff } as const;

/** Ways in which an entry's bytes are kept, by the number in the archive. */
const UNPACK: Readonly<Record<number, (bytes: Uint8Array, size: number) => Uint8Array>> = {
  0: (bytes) => bytes,
  8: (bytes, size) => inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) }),
};

/** The bytes are no archive that can be read. */
export class BadZip extends Error {
  override readonly name = 'BadZip';
}

/** One file of an archive, unpacked; directories have no entries. */
export interface ZipEntry {
  /** Relative path with `/`, never leading out of the archive. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Unpacks an archive in memory; directories are left out.
 * @throws BadZip when the archive is damaged, or an entry would land outside it
 */
export function readZip(archive: Uint8Array): readonly ZipEntry[] {
  const view = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  const count = view.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let offset = view.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    expectSignature(view, offset, SIGNATURES.entry, SIZES.entry);
    const nameLength = view.readUInt16LE(offset + 28);
    const path = view.toString('utf8', offset + SIZES.entry, offset + SIZES.entry + nameLength);
    if (!path.endsWith('/'))
      entries.push({ path: inside(path), bytes: unpack(view, offset, path) });
    const extraLength = view.readUInt16LE(offset + 30);
    const commentLength = view.readUInt16LE(offset + 32);
    offset += SIZES.entry + nameLength + extraLength + commentLength;
  }
  return entries;
}

function findEnd(view: Buffer): number {
  const first = Math.max(0, view.length - SIZES.end - SIZES.longestComment);
  for (let offset = view.length - SIZES.end; offset >= first; offset -= 1) {
    if (view.readUInt32LE(offset) === SIGNATURES.end) return offset;
  }
  throw new BadZip('The archive has no end of central directory.');
}

function expectSignature(view: Buffer, offset: number, signature: number, size: number): void {
  if (offset + size > view.length || view.readUInt32LE(offset) !== signature) {
    throw new BadZip(`The archive is damaged at byte ${offset}.`);
  }
}

function unpack(view: Buffer, entry: number, path: string): Uint8Array {
  const method = view.readUInt16LE(entry + 10);
  const size = view.readUInt32LE(entry + 24);
  const local = view.readUInt32LE(entry + 42);
  expectSignature(view, local, SIGNATURES.file, SIZES.file);
  const start = local + SIZES.file + view.readUInt16LE(local + 26) + view.readUInt16LE(local + 28);
  const packed = view.subarray(start, start + view.readUInt32LE(entry + 20));
  const bytes = tryUnpack(method, packed, size);
  if (bytes?.length !== size || crc32(bytes) !== view.readUInt32LE(entry + 16)) {
    throw new BadZip(`The archive's entry ${path} cannot be unpacked (method ${method}).`);
  }
  return bytes;
}

function tryUnpack(method: number, packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return UNPACK[method]?.(packed, size);
  } catch {
    // zlib tells no more than that the bytes are damaged; the caller says which entry it was.
    return undefined;
  }
}

function inside(path: string): string {
  if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..')) {
    throw new BadZip(`The archive's entry ${path} would land outside of it.`);
  }
  return path;
}
