import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import { memoryId } from '@holdfast/core/memory'
import type { MemoryPlace, MemorySource, MemoryStore, MemoryVersion } from '@holdfast/core/memory'

/** A part of a task's state, under a name. */
export interface Block {
  readonly label: string
  readonly text: string
  readonly version: number
  readonly atMs: number
}

/** The state of one task, as named blocks that several processes may write. */
export interface Blocks {
  get(label: string): Promise<Block | undefined>
  /** Resolves when it is kept; earlier versions stay in its history. */
  set(label: string, text: string): Promise<Block>
  /** Changes what stands there; asked again where somebody else has written meanwhile. */
  update(label: string, change: (text: string | undefined) => string): Promise<Block>
  /** By label. */
  list(): Promise<readonly Block[]>
  remove(label: string): Promise<boolean>
}

const mostTries = 100

export function blocksOf(
  store: MemoryStore,
  place: MemoryPlace,
  facts: {
    readonly source: () => MemorySource
    readonly now: () => number
    /** @throws HoldfastError where the text may not be kept */
    readonly check: (text: string) => Promise<void>
    readonly keepMs: number
  },
): Blocks {
  const idOf = (label: string): string => memoryId(place, 'block', label)
  const known = async (label: string): Promise<MemoryVersion | undefined> => {
    const version = await store.find(idOf(label))
    return version !== undefined && isLive(version, facts.now()) ? version : undefined
  }

  async function update(
    label: string,
    change: (text: string | undefined) => string,
  ): Promise<Block> {
    const id = idOf(label)
    for (let tries = 1; ; tries++) {
      const before = await store.find(id)
      const isThere = before !== undefined && isLive(before, facts.now())
      const text = change(isThere ? before.text : undefined)
      await facts.check(text)
      const atMs = Math.max(facts.now(), before?.atMs ?? 0)
      const version: MemoryVersion = {
        id,
        version: (before?.version ?? 0) + 1,
        place,
        kind: 'block',
        topic: label,
        text,
        importance: 0.5,
        atMs,
        expiresAtMs: atMs + facts.keepMs,
        source: facts.source(),
      }
      if (await store.put(version)) return blockOf(version)
      if (tries === mostTries) {
        throw new HoldfastError('STORE_UNREACHABLE', `others write block ${label} all the time`, {
          retryable: true,
        })
      }
      await sleep(Math.random() * 5)
    }
  }

  return {
    async get(label) {
      const version = await known(label)
      return version === undefined ? undefined : blockOf(version)
    },
    set: (label, text) => update(label, () => text),
    update,
    async list() {
      const newest = new Map((await versionsIn(store, place)).map((one) => [one.id, one]))
      return [...newest.values()]
        .filter((version) => version.kind === 'block' && isLive(version, facts.now()))
        .map(blockOf)
        .toSorted((one, other) => (one.label < other.label ? -1 : 1))
    },
    remove: async (label) => (await store.forget([idOf(label)])) > 0,
  }
}

/** What somebody said in a conversation. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly atMs: number
}

/** The turns of one conversation, as they were said. */
export interface Turns {
  add(turn: Omit<Turn, 'atMs'>): Promise<void>
  /** The last so many, the oldest first. @default all */
  list(last?: number): Promise<readonly Turn[]>
}

export function turnsOf(
  store: MemoryStore,
  place: MemoryPlace,
  facts: {
    readonly source: () => MemorySource
    readonly now: () => number
    readonly keepMs: number
  },
): Turns {
  return {
    async add({ role, text }) {
      const atMs = facts.now()
      await store.put({
        id: randomBytes(8).toString('hex'),
        version: 1,
        place,
        kind: 'turn',
        text,
        importance: 0.5,
        atMs,
        expiresAtMs: atMs + facts.keepMs,
        source: { ...facts.source(), by: role === 'user' ? 'user' : 'agent' },
      })
    },
    async list(last = Infinity) {
      const turns = (await versionsIn(store, place))
        .filter((version) => version.kind === 'turn' && isLive(version, facts.now()))
        .map(({ source, text, atMs }): Turn => {
          return { role: source.by === 'user' ? 'user' : 'assistant', text, atMs }
        })
      return Number.isFinite(last) ? turns.slice(-last) : turns
    },
  }
}

/** All versions of a place, oldest first. */
async function versionsIn(store: MemoryStore, place: MemoryPlace): Promise<MemoryVersion[]> {
  const versions: MemoryVersion[] = []
  let cursor: string | undefined
  for (let more = true; more;) {
    const changes = await store.changes(place, cursor)
    if (changes.fromStart) versions.length = 0
    versions.push(...changes.versions)
    ;({ cursor, more } = changes)
  }
  return versions
}

function isLive({ expiresAtMs }: MemoryVersion, nowMs: number): boolean {
  return (expiresAtMs ?? Infinity) > nowMs
}

function blockOf({ topic = '', text, version, atMs }: MemoryVersion): Block {
  return { label: topic, text, version, atMs }
}
