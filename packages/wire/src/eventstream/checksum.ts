let crc32: ((bytes: Uint8Array) => number) | undefined

/** CRC-32 of the bytes. node:zlib is loaded with the first event stream. */
export function checksum(bytes: Uint8Array): number {
  crc32 ??= process.getBuiltinModule('node:zlib').crc32
  return crc32(bytes)
}
