const prime1 = 0x9e3779b1
const prime2 = 0x85ebca77
const prime3 = 0xc2b2ae3d
const prime4 = 0x27d4eb2f
const prime5 = 0x165667b1

/**
 * XXH32 of what stands between two places, by which a frame that was written is told from anything else. Worked out here:
 * to ask zlib for a CRC takes more than twice as long for the two or three kilobytes that most frames have.
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md (2026-11-22)
 */
export function checksum(view: DataView, from: number, to: number): number {
  let at = from
  let hash = prime5
  if (to - from >= 16) {
    let one = prime1 + prime2
    let two = prime2
    let three = 0
    let four = -prime1
    for (const last = to - 16; at <= last; at += 16) {
      one = mixed(one, view.getInt32(at, true))
      two = mixed(two, view.getInt32(at + 4, true))
      three = mixed(three, view.getInt32(at + 8, true))
      four = mixed(four, view.getInt32(at + 12, true))
    }
    hash = turned(one, 1) + turned(two, 7) + turned(three, 12) + turned(four, 18)
  }
  hash = (hash + to - from) | 0
  for (; at <= to - 4; at += 4) {
    hash = Math.imul(turned(hash + Math.imul(view.getInt32(at, true), prime3), 17), prime4)
  }
  for (; at < to; at++) {
    hash = Math.imul(turned(hash + Math.imul(view.getUint8(at), prime5), 11), prime1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), prime2)
  hash = Math.imul(hash ^ (hash >>> 13), prime3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function mixed(lane: number, word: number): number {
  return Math.imul(turned(lane + Math.imul(word, prime2), 13), prime1)
}

function turned(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
