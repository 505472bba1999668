import type { JournalEntry, JournalStore } from '@holdfast/core'
import type { Point } from '../points.ts'
import type { Pass } from './death.ts'

const pointsOf: Readonly<Record<string, 'record' | 'intent' | 'outcome'>> = {
  llm: 'record',
  'tool-intent': 'intent',
  'tool-outcome': 'outcome',
}

/** A store in which the process comes to a point before every write and after it; `afterRecord` is called in between. */
export function killingStore(
  store: JournalStore,
  pass: Pass,
  afterRecord: () => void = () => {},
): JournalStore {
  const around = async <T>(
    points: readonly [Point, Point] | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    if (points === undefined) return work()
    pass(points[0])
    const result = await work()
    pass(points[1])
    return result
  }
  return {
    acquire: (request) => around(['acquire-before', 'acquire-after'], () => store.acquire(request)),
    renew: (leases, ttlMs) =>
      around(['renew-before', 'renew-after'], () => store.renew(leases, ttlMs)),
    update: (lease, change) =>
      around(change.release === true ? ['finish-before', 'finish-after'] : undefined, () =>
        store.update(lease, change),
      ),
    append: async (lease, entries, blobs) => {
      await around(pointsFor(entries), () => store.append(lease, entries, blobs))
      if (entries.some(({ kind }) => kind === 'llm')) afterRecord()
    },
    ...(store.record === undefined
      ? {}
      : {
          record: async (lease, entry, blobs) => {
            await around(pointsFor([entry]), async () => store.record?.(lease, entry, blobs))
            if (entry.kind === 'llm') afterRecord()
          },
        }),
    find: (runId) => store.find(runId),
    list: (query) => store.list(query),
    read: (runId) => store.read(runId),
    blob: (runId, hash) => store.blob(runId, hash),
    remove: (runIds) => store.remove(runIds),
    close: () => store.close(),
  }
}

function pointsFor([entry]: readonly JournalEntry[]): readonly [Point, Point] | undefined {
  const name = pointsOf[entry?.kind ?? '']
  return name === undefined ? undefined : [`${name}-before`, `${name}-after`]
}
