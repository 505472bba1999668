import { MasterKeys, wrongKey } from '../encryption/master-keys.ts'
import type { EncryptionOptions } from '../encryption/master-keys.ts'
import type { MemoryVersion } from './memory.ts'
import type { MemoryChanges, MemoryStore } from './memory-store.ts'

/** What the text of a version looks like that was encrypted. */
const sealedText = /^1\.[\da-f]{8}\.[\w-]+$/

/** What is encrypted of a version. */
interface Content {
  readonly text: string
  readonly topic?: string
  /** As base64. */
  readonly vector?: string
}

/**
 * A store that keeps what was remembered encrypted: text, topic and embedding. Whose it is, where it comes from and
 * when it was written is not; ids are hashes of place and topic or text, and stay.
 *
 * Without a key what was written without one is read, and the rest is told to need one.
 */
export function encryptedMemoryStore(
  store: MemoryStore,
  options: EncryptionOptions | undefined,
): MemoryStore {
  const keys = options === undefined ? undefined : new MasterKeys(options)

  async function sealed(version: MemoryVersion): Promise<MemoryVersion> {
    if (keys === undefined) return version
    const { text, topic, embedding, ...rest } = version
    const content: Content = {
      text,
      ...(topic === undefined ? {} : { topic }),
      ...(embedding === undefined ? {} : { vector: base64Of(embedding.vector) }),
    }
    const bytes = Buffer.from(JSON.stringify(content))
    return {
      ...rest,
      text: await keys.wrap(bytes, contextOf(version)),
      ...(embedding === undefined
        ? {}
        : { embedding: { model: embedding.model, vector: new Float32Array(0) } }),
    }
  }

  async function opened(version: MemoryVersion): Promise<MemoryVersion> {
    // Written before there was a key, it is as it was.
    if (!sealedText.test(version.text)) return version
    if (keys === undefined) throw wrongKey('no key is given; name it in HOLDFAST_KEY')
    const { key: bytes } = await keys.unwrap(version.text, contextOf(version))
    const { text, topic, vector } = JSON.parse(bytes.toString('utf8')) as Content
    const { embedding, ...rest } = version
    return {
      ...rest,
      text,
      ...(topic === undefined ? {} : { topic }),
      ...(embedding === undefined || vector === undefined
        ? {}
        : { embedding: { model: embedding.model, vector: vectorOf(vector) } }),
    }
  }

  const all = (versions: readonly MemoryVersion[]) => Promise.all(versions.map(opened))

  return {
    name: store.name,
    shared: store.shared,
    put: async (version) => store.put(await sealed(version)),
    addVector: async (version) => store.addVector(await sealed(version)),
    async find(id) {
      const version = await store.find(id)
      return version === undefined ? undefined : opened(version)
    },
    history: async (id) => all(await store.history(id)),
    async changes(place, cursor): Promise<MemoryChanges> {
      const changes = await store.changes(place, cursor)
      return changes.versions.length === 0
        ? changes
        : { ...changes, versions: await all(changes.versions) }
    },
    // What is encrypted cannot be searched in.
    ...(keys !== undefined || store.size === undefined || store.search === undefined
      ? {}
      : { size: store.size.bind(store), search: store.search.bind(store) }),
    list: async (query) => all(await store.list(query)),
    forget: (ids) => store.forget(ids),
    erase: (owner) => store.erase(owner),
    expire: (beforeMs) => store.expire(beforeMs),
    close: () => store.close(),
  }
}

/** Bound to its place in the history: nobody can put one version's text in place of another's. */
function contextOf({ id, version }: MemoryVersion): string {
  return `memory ${id} ${version}`
}

function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}

function vectorOf(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  // A copy of its own: a buffer from the pool may begin anywhere.
  return new Float32Array(Uint8Array.from(bytes).buffer)
}
