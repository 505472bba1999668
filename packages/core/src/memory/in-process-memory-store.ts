import { randomUUID } from 'node:crypto'
import type { MemoryVersion } from './memory.ts'
import type { MemoryStore } from './memory-store.ts'
import { isOf, matches, placeKey } from './place.ts'

interface Row {
  readonly seq: number
  readonly version: MemoryVersion
}

/** Memories of this process alone; they end with it. */
export function inProcessMemoryStore(): MemoryStore {
  const histories = new Map<string, Row[]>()
  const places = new Map<string, { epoch: string; rows: Row[] }>()
  let seq = 0

  const newest = (id: string) => histories.get(id)?.at(-1)?.version
  const placeOf = (key: string) => {
    let place = places.get(key)
    if (place === undefined) places.set(key, (place = { epoch: randomUUID(), rows: [] }))
    return place
  }
  const deleteWhere = (isGone: (versions: readonly MemoryVersion[]) => boolean): number => {
    let count = 0
    for (const [id, rows] of histories) {
      const [first] = rows
      if (first === undefined || !isGone(rows.map(({ version }) => version))) continue
      count++
      histories.delete(id)
      const place = placeOf(placeKey(first.version.place))
      place.epoch = randomUUID()
      place.rows = place.rows.filter(({ version }) => version.id !== id)
    }
    return count
  }

  return {
    name: 'memory',
    shared: false,
    async put(version) {
      if (version.version !== (newest(version.id)?.version ?? 0) + 1) return false
      const row = { seq: ++seq, version }
      const rows = histories.get(version.id)
      if (rows === undefined) histories.set(version.id, [row])
      else rows.push(row)
      placeOf(placeKey(version.place)).rows.push(row)
      return true
    },
    async addVector(version) {
      const rows = histories.get(version.id) ?? []
      const known = rows.at(-1)
      if (known?.version.version !== version.version || known.version.embedding !== undefined) {
        return false
      }
      const row = { seq: ++seq, version }
      rows[rows.length - 1] = row
      const place = placeOf(placeKey(version.place))
      place.rows = [...place.rows.filter((one) => one !== known), row]
      return true
    },
    find: async (id) => newest(id),
    history: async (id) => (histories.get(id) ?? []).map(({ version }) => version),
    async changes(place, cursor = '') {
      const { epoch, rows } = placeOf(placeKey(place))
      const [knownEpoch, knownSeq] = cursor.split('|')
      const fromStart = knownEpoch !== epoch
      const after = fromStart ? 0 : Number(knownSeq)
      let from = rows.length
      while (from > 0 && (rows[from - 1]?.seq ?? 0) > after) from--
      return {
        versions: rows.slice(from).map(({ version }) => version),
        fromStart,
        cursor: `${epoch}|${rows.at(-1)?.seq ?? 0}`,
        more: false,
      }
    },
    async list({ everyVersion = false, limit = Infinity, ...query } = {}) {
      const found: Row[] = []
      for (const rows of histories.values()) {
        // A memory is whose it ever was.
        if (!rows.some(({ version }) => matches(version, query))) continue
        found.push(...(everyVersion ? rows : rows.slice(-1)))
      }
      return found
        .toSorted((one, other) => other.seq - one.seq)
        .slice(0, limit)
        .map(({ version }) => version)
    },
    forget: async (ids) => {
      const gone = new Set(ids)
      return deleteWhere(([first]) => first !== undefined && gone.has(first.id))
    },
    erase: async (owner) =>
      deleteWhere((versions) => versions.some((version) => isOf(version, owner))),
    expire: async (beforeMs) =>
      deleteWhere((versions) => (versions.at(-1)?.expiresAtMs ?? Infinity) < beforeMs),
    async close() {},
  }
}
