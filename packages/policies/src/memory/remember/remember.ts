import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import { memoryId } from '@holdfast/core/memory'
import type {
  Embedding,
  MemoryKind,
  MemoryPlace,
  MemorySource,
  MemoryStore,
  MemoryVersion,
} from '@holdfast/core/memory'
import type { PlaceIndex } from '../recall/place-index.ts'
import { likeness } from '../recall/rank.ts'
import { termsOf } from '../recall/terms.ts'
import type { RefusalReason } from './gate.ts'
import { isNegative } from './statement.ts'

/** What came of remembering something. */
export type RememberOutcome =
  /** It is new. */
  | { readonly outcome: 'stored'; readonly memory: MemoryVersion }
  /** It takes the place of what was said of the same before, which stays in its history. */
  | { readonly outcome: 'superseded'; readonly memory: MemoryVersion }
  /** It was known, and stays as it is. */
  | { readonly outcome: 'merged'; readonly memory: MemoryVersion }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason }

/** What is to be remembered, after the gate has let it pass. */
export interface Remembering {
  readonly place: MemoryPlace
  readonly kind: MemoryKind
  readonly text: string
  readonly topic: string | undefined
  /** The memory that it takes the place of, where somebody knows it. */
  readonly replaces: string | undefined
  readonly importance: number
  readonly nowMs: number
  /** When it was said. */
  readonly atMs: number
  readonly expiresAtMs: number | undefined
  readonly source: MemorySource
  readonly embedding: () => Promise<Embedding | undefined>
}

/** So often a write is tried anew because others were faster. */
const mostTries = 50
/** So many of the words of two texts are the same where they say the same. */
const sameWords = 0.85

/** Keeps it where it is new, in the place of what it contradicts, or not at all where it is known. */
export async function remember(
  store: MemoryStore,
  indexOf: (place: MemoryPlace, terms: readonly string[]) => Promise<PlaceIndex>,
  given: Remembering,
): Promise<RememberOutcome> {
  const isFound = given.source.by === 'rule' || given.source.by === 'model'
  for (let tries = 1; ; tries++) {
    const { id, known } = await target(store, indexOf, given)
    // What has expired is told by nobody any more: it is remembered anew.
    if (known !== undefined && (known.expiresAtMs ?? Infinity) > given.nowMs) {
      if (saysTheSame(known.text, given.text)) return { outcome: 'merged', memory: known }
      if (isFound && (await isOld(store, known, given))) {
        return { outcome: 'refused', reason: 'outdated' }
      }
    }
    const embedding = await given.embedding()
    const memory: MemoryVersion = {
      id,
      version: (known?.version ?? 0) + 1,
      place: known?.place ?? given.place,
      kind: given.kind,
      ...(given.topic === undefined ? {} : { topic: given.topic }),
      text: given.text,
      importance: given.importance,
      atMs: Math.max(given.atMs, known?.atMs ?? 0),
      ...(given.expiresAtMs === undefined ? {} : { expiresAtMs: given.expiresAtMs }),
      source: given.source,
      ...(embedding === undefined ? {} : { embedding }),
    }
    if (await store.put(memory)) {
      return { outcome: known === undefined ? 'stored' : 'superseded', memory }
    }
    if (tries === mostTries) {
      throw new HoldfastError('STORE_UNREACHABLE', 'others write the same memory all the time', {
        retryable: true,
      })
    }
    await sleep(Math.random() * 5)
  }
}

/** The memory that this would be a version of, and what it says now. */
async function target(
  store: MemoryStore,
  indexOf: (place: MemoryPlace, terms: readonly string[]) => Promise<PlaceIndex>,
  { place, topic, text, kind, replaces, nowMs }: Remembering,
): Promise<{ readonly id: string; readonly known: MemoryVersion | undefined }> {
  if (replaces !== undefined) return { id: replaces, known: await store.find(replaces) }
  if (topic !== undefined) {
    const id = memoryId(place, 'topic', topic)
    const known = await store.find(id)
    if (known !== undefined) return { id, known }
  }
  // What happened twice happened twice.
  if (kind === 'episode') return { id: randomBytes(8).toString('hex'), known: undefined }
  const words = termsOf(text)
  const alike = similar(await indexOf(place, words), text, words, nowMs)
  if (alike !== undefined) return { id: alike.id, known: await store.find(alike.id) }
  const id =
    topic === undefined ? memoryId(place, 'text', normal(text)) : memoryId(place, 'topic', topic)
  return { id, known: await store.find(id) }
}

/** What stands there and says the same, or the opposite, in nearly the same words. */
function similar(
  index: PlaceIndex,
  text: string,
  words: readonly string[],
  nowMs: number,
): MemoryVersion | undefined {
  const terms = new Set(words)
  const matches = index.search({
    terms: words,
    atMs: nowMs,
    halfLifeMs: 1,
    relevanceWeight: 1,
    recencyWeight: 0,
    limit: 20,
  })
  return matches.find(
    ({ version }) =>
      version.kind !== 'episode' &&
      likeness(new Set(termsOf(version.text)), terms) >= sameWords &&
      numbersOf(version.text) === numbersOf(text),
  )?.version
}

/** True for something that was said before what is known now. */
async function isOld(
  store: MemoryStore,
  known: MemoryVersion,
  { text, atMs, source }: Remembering,
): Promise<boolean> {
  if (atMs < known.atMs) return true
  // A conversation is sent again whole with each turn: what was said in it first is not said again.
  const history = await store.history(known.id)
  return history.some(
    (version) =>
      version.version < known.version &&
      source.session !== undefined &&
      version.source.session === source.session &&
      saysTheSame(version.text, text),
  )
}

/** In the same words, in the same order, and neither denies it. */
function saysTheSame(one: string, other: string): boolean {
  return (
    normal(one) === normal(other) ||
    (termsOf(one).join(' ') === termsOf(other).join(' ') && isNegative(one) === isNegative(other))
  )
}

/** The text as far as it matters whether two are the same. */
function normal(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{P}\s]+/gu, ' ')
    .trim()
}

function numbersOf(text: string): string {
  return (text.match(/\d+/g) ?? []).join(' ')
}
