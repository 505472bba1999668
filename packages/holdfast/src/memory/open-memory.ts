import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { enterRun } from '@holdfast/core'
import type { Interceptor, Run } from '@holdfast/core'
import type { MemoryStore } from '@holdfast/core/memory'
import type { EncryptionOptions } from '@holdfast/journal'
import type { CutStore } from '@holdfast/policies/context'
import type { Embedder, Extract, Memory } from '@holdfast/policies/memory'
import { namedKeys } from '../journal/open-journal.ts'
import { keepOutOfGit } from '../keep-out-of-git.ts'
import type { MemorySettings } from './memory-settings.ts'

const require = createRequire(import.meta.url)

/** Where memories are kept unless somebody says so. */
export const usualMemoryPath = '.holdfast/memory.db'

/** The agent of memory's own calls to models: they belong to no run of the application's, and remember nothing. */
export const memoryAgent = 'holdfast-memory'

/** What can be asked of and told to memory. */
export type MemoryApi = Omit<Memory, 'close'>

/** Memory, opened when it is first used. */
export interface OpenMemory {
  readonly api: MemoryApi
  /** In the line of a call; undefined where the option does not ask for it. */
  readonly llm: Interceptor | undefined
  /** For what is cut from conversations; undefined where the option does not ask for memory. */
  readonly cuts: CutStore | undefined
  close(): Promise<void>
}

/** The memory that the options ask for. Its code is loaded, and its store opened, at the first use. */
export function openMemory(
  option: boolean | MemorySettings | undefined,
  facts: {
    readonly currentRun: () => Run | undefined
    /** What calls to models go through. */
    readonly fetch: () => typeof globalThis.fetch
    readonly bug: (error: unknown) => void
  },
): OpenMemory {
  let started: Memory | undefined
  const settings = typeof option === 'object' ? option : {}
  let opened: MemoryStore | undefined
  const store = (): MemoryStore => (opened ??= openMemoryStore(settings.store, settings.encryption))
  const get = (): Memory => (started ??= start(settings, store, facts))
  return {
    llm: option === undefined || option === false ? undefined : openLine(get, settings, facts.bug),
    api: {
      recall: async (request) => get().recall(request),
      remember: async (request) => get().remember(request),
      learn: async (request) => get().learn(request),
      learnLater: (request) => get().learnLater(request),
      history: async (id, whose) => get().history(id, whose),
      forget: async (id, whose) => get().forget(id, whose),
      export: async (owner) => get().export(owner),
      erase: async (owner) => get().erase(owner),
      blocks: (of) => get().blocks(of),
      turns: (of) => get().turns(of),
    },
    cuts:
      option === undefined || option === false
        ? undefined
        : { store, keepMs: settings.keepSessionsMs },
    close: async () => (started === undefined ? opened?.close() : started.close()),
  }
}

/** The store is opened by the first call that has a user. */
function openLine(
  get: () => Memory,
  settings: MemorySettings,
  bug: (error: unknown) => void,
): Interceptor {
  const start = (): Interceptor => {
    try {
      const { memoryLine } =
        require('@holdfast/policies/memory') as typeof import('@holdfast/policies/memory')
      return memoryLine(get(), settings, bug)
    } catch (error) {
      // A store that cannot be used is no reason to refuse calls.
      bug(error)
      return (call, next) => next(call)
    }
  }
  let line: Interceptor | undefined
  return function memory(call, next) {
    const { run } = call
    if (run?.user === undefined || run.agent === memoryAgent) return next(call)
    line ??= start()
    return line(call, next)
  }
}

function start(
  { store: _store, encryption: _encryption, embedder, extract, ...settings }: MemorySettings,
  store: () => MemoryStore,
  { currentRun, fetch, bug }: Parameters<typeof openMemory>[1],
): Memory {
  const { httpEmbedder, httpExtractor, memory } =
    require('@holdfast/policies/memory') as typeof import('@holdfast/policies/memory')
  const apart: typeof globalThis.fetch = (...request) =>
    enterRun(Object.freeze({ id: randomUUID(), agent: memoryAgent }), () => fetch()(...request))
  const keyed = <T extends { apiKey?: string; apiKeyEnv?: string }>(given: T) => {
    const { apiKeyEnv = 'OPENAI_API_KEY', ...rest } = given
    const apiKey = given.apiKey ?? process.env[apiKeyEnv]
    return { ...rest, ...(apiKey === undefined ? {} : { apiKey }) }
  }
  const embedderOf = (given: NonNullable<MemorySettings['embedder']>): Embedder => {
    if (typeof given === 'function') return { model: 'own', embed: given }
    return 'embed' in given ? given : httpEmbedder(keyed(given), apart)
  }
  const extractOf = (given: NonNullable<MemorySettings['extract']>): Extract =>
    typeof given === 'function' ? given : httpExtractor(keyed(given), apart)
  return memory({
    ...settings,
    store: store(),
    ...(embedder === undefined ? {} : { embedder: embedderOf(embedder) }),
    ...(extract === undefined ? {} : { extract: extractOf(extract) }),
    caller() {
      const run = currentRun()
      if (run === undefined) return {}
      const { id, tenant, user, agent, session } = run
      return {
        runId: id,
        ...(tenant === undefined ? {} : { tenant }),
        ...(user === undefined ? {} : { user }),
        ...(agent === undefined ? {} : { agent }),
        ...(session === undefined ? {} : { session }),
      }
    },
    bug,
  })
}

/**
 * The store of that name, encrypted where there is a key.
 * @throws HoldfastError STORE_UNUSABLE for a file that somebody else could read or change
 */
export function openMemoryStore(
  store: string | MemoryStore = process.env['HOLDFAST_MEMORY'] || usualMemoryPath,
  encryption: EncryptionOptions | undefined = namedKeys(),
): MemoryStore {
  const { encryptedMemoryStore } =
    require('@holdfast/core/memory') as typeof import('@holdfast/core/memory')
  return encryptedMemoryStore(openPlainStore(store), encryption)
}

function openPlainStore(store: string | MemoryStore): MemoryStore {
  if (typeof store !== 'string') return store
  if (/^rediss?:/.test(store)) {
    const { redisMemoryStore } =
      require('@holdfast/store-redis') as typeof import('@holdfast/store-redis')
    return redisMemoryStore({ url: store })
  }
  const path = store.replace(/^sqlite:/, '')
  if (path === usualMemoryPath) keepOutOfGit(dirname(path))
  const { sqliteMemoryStore } =
    require('@holdfast/store-sqlite') as typeof import('@holdfast/store-sqlite')
  return sqliteMemoryStore({ path })
}
