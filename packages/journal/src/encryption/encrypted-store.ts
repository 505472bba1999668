import { createHmac } from 'node:crypto'
import type { JournalBlob, JournalEntry, JournalLease, JournalStore } from '@holdfast/core'
import { MasterKeys, open, seal, wrongKey } from '@holdfast/core/encryption'
import type { EncryptionOptions } from '@holdfast/core/encryption'

/** So many runs' keys are kept in memory. */
const mostKnown = 1_000

/**
 * A store that keeps what was said encrypted: each run has a key of its own, kept beside it under the key given. Which
 * runs there are, whose they are and how they stand is not encrypted, nor is what kind of entry stands where.
 */
export function encryptedStore(store: JournalStore, options: EncryptionOptions): JournalStore {
  const masters = new MasterKeys(options)
  const known = new Map<string, Buffer>()

  function remember(runId: string, key: Buffer): Buffer {
    known.set(runId, key)
    const [oldest] = known.keys()
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
    return key
  }

  /** Undefined for a run that was begun without a key. */
  async function keyOf(runId: string): Promise<Buffer | undefined> {
    const key = known.get(runId)
    if (key !== undefined) return key
    const secret = (await store.find(runId))?.secret
    if (secret === undefined) return undefined
    return remember(runId, (await masters.unwrap(secret)).key)
  }

  async function keyFor({ runId }: JournalLease): Promise<Buffer> {
    const key = await keyOf(runId)
    if (key === undefined) throw wrongKey(`run ${runId} has lost its key`)
    return key
  }

  return {
    async acquire(request) {
      const before = await store.find(request.facts.id)
      // Before anything is taken: with a wrong key the run is not ours to take.
      const unwrapped =
        before?.secret === undefined ? undefined : await masters.unwrap(before.secret)
      const { key, secret } = unwrapped
        ? {
            key: unwrapped.key,
            secret: unwrapped.isCurrent ? undefined : await masters.wrap(unwrapped.key),
          }
        : await masters.newKey()
      const answer = await store.acquire({
        ...request,
        facts: { ...request.facts, ...(secret === undefined ? {} : { secret }) },
      })
      if (!answer.taken) return answer
      const { run, lease } = answer
      if (run?.secret !== before?.secret) {
        // Somebody else has begun it in between.
        known.delete(lease.runId)
        await keyFor(lease)
        return answer
      }
      remember(lease.runId, key)
      if (run !== undefined && secret !== undefined) {
        await store.update(lease, { state: 'running', secret })
      }
      return answer
    },

    async append(lease, entries, blobs = []) {
      const key = await keyFor(lease)
      await store.append(
        lease,
        entries.map((entry) => sealed(key, lease.runId, entry)),
        blobs.map((blob) => sealedBlob(key, blob)),
      )
    },

    record(lease, entry, blobs = []) {
      const write = (key: Buffer): Promise<void> | void => {
        const written = sealed(key, lease.runId, entry)
        const blobsWritten = blobs.map((blob) => sealedBlob(key, blob))
        return store.record === undefined
          ? store.append(lease, [written], blobsWritten)
          : store.record(lease, written, blobsWritten)
      }
      const key = known.get(lease.runId)
      return key === undefined ? keyFor(lease).then(write) : write(key)
    },

    async read(runId) {
      const entries = await store.read(runId)
      if (entries.every(({ data }) => typeof data === 'string')) return entries
      const key = await keyOf(runId)
      if (key === undefined) throw wrongKey(`run ${runId} has lost its key`)
      return entries.map((entry) => opened(key, runId, entry))
    },

    async blob(runId, hash) {
      const key = await keyOf(runId)
      if (key === undefined) return store.blob(runId, hash)
      const name = blobName(key, hash)
      const content = await store.blob(runId, name)
      // Put in before there was a key.
      if (content === undefined) return store.blob(runId, hash)
      return unmarked(open(key, Buffer.from(content), name))
    },

    renew: (leases, ttlMs) => store.renew(leases, ttlMs),
    update: (lease, change) => store.update(lease, change),
    find: (runId) => store.find(runId),
    list: (query) => store.list(query),
    remove: (runIds) => store.remove(runIds),
    close: () => store.close(),
  }
}

function sealed(key: Buffer, runId: string, entry: JournalEntry): JournalEntry {
  const { seq, kind, data, payload } = entry
  return {
    ...entry,
    data: seal(key, marked(data), `${runId}\n${seq}\n${kind}`),
    ...(payload === undefined
      ? {}
      : { payload: seal(key, payload, `${runId}\n${seq}\n${kind}\npayload`) }),
  }
}

function sealedBlob(key: Buffer, { hash, content }: JournalBlob): JournalBlob {
  const name = blobName(key, hash)
  return { hash: name, content: seal(key, marked(content), name) }
}

function opened(key: Buffer, runId: string, entry: JournalEntry): JournalEntry {
  const { seq, kind, data, payload } = entry
  // Written before there was a key.
  if (typeof data === 'string') return entry
  return {
    ...entry,
    data: unmarked(open(key, data, `${runId}\n${seq}\n${kind}`)),
    ...(payload === undefined
      ? {}
      : { payload: open(key, payload, `${runId}\n${seq}\n${kind}\npayload`) }),
  }
}

/** Another name in each run: who sees only the store cannot tell that two runs say the same. */
function blobName(key: Buffer, hash: string): string {
  return createHmac('sha256', key).update(hash).digest('base64url')
}

function marked(content: string | Uint8Array): Buffer {
  return typeof content === 'string'
    ? Buffer.from(`t${content}`)
    : Buffer.concat([Buffer.from('b'), content])
}

function unmarked(bytes: Buffer): string | Uint8Array {
  return bytes[0] === 116 ? bytes.toString('utf8', 1) : bytes.subarray(1)
}
