import { HoldfastError, present } from '@holdfast/core'
import { identityMissing, inProcessMemoryStore, isOf } from '@holdfast/core/memory'
import type {
  Embedding,
  MemoryAuthor,
  MemoryKind,
  MemoryOwner,
  MemoryPlace,
  MemorySource,
  MemoryStore,
  MemoryVersion,
} from '@holdfast/core/memory'
import { blocksOf, turnsOf } from './blocks.ts'
import type { Blocks, Turns } from './blocks.ts'
import { embedAll } from './embedder.ts'
import type { Embedder } from './embedder.ts'
import { Places } from './identity.ts'
import type { MemoryCaller, Namespaces, Whose } from './identity.ts'
import { PlaceIndexes } from './recall/place-indexes.ts'
import { rank } from './recall/rank.ts'
import { termsOf } from './recall/terms.ts'
import type { RecallHit } from './recall/rank.ts'
import { refusalOf } from './remember/gate.ts'
import { CallAllowance, conversationText, statementsIn } from './remember/learn.ts'
import type { Extract, ExtractionBudget, SpokenMessage } from './remember/learn.ts'
import { LateVectors } from './remember/late-vectors.ts'
import { RecalledLately } from './remember/recalled-lately.ts'
import { remember } from './remember/remember.ts'
import type { RememberOutcome } from './remember/remember.ts'
import { readStatement, valueTopic } from './remember/statement.ts'

/** How memories are kept, found and learnt. */
export interface MemoryOptions {
  /** @default in the memory of this process */
  readonly store?: MemoryStore
  /** Makes what is meant findable beside what is said; without one memories are found by their words. */
  readonly embedder?: Embedder
  /** Which agents may read and write what is shared; a namespace that is not named here is closed. */
  readonly namespaces?: Namespaces
  /** What recalls do unless they say so themselves. */
  readonly recall?: RecallDefaults
  /** Finds more than rules do: called in the background, after what was said. */
  readonly extract?: Extract
  readonly extraction?: ExtractionBudget
  /** How long turns and blocks are kept. @default 30 days */
  readonly keepSessionsMs?: number
  /** Who calls, where the call does not say. */
  readonly caller?: () => MemoryCaller
  /**
   * A user or namespace with more versions than that is searched in the store and not held in the process, where the
   * store can be searched in. @default 250_000
   */
  readonly searchInStoreFrom?: number
  /** What goes wrong where nobody waits for it. */
  readonly bug?: (error: unknown) => void
  readonly now?: () => number
}

export interface RecallDefaults {
  /** @default 5 */
  readonly maxItems?: number
  /** @default 0.3 */
  readonly recencyWeight?: number
  /** @default 0.7 */
  readonly relevanceWeight?: number
  /** How much of relevance is the vector's, where there is an embedder. @default 0.25 */
  readonly vectorWeight?: number
  /** After so long recency is half. @default 30 days */
  readonly halfLifeMs?: number
  /** How much memories that say nearly the same as a better one are held back, from 0 to 1. @default 0.3 */
  readonly diversity?: number
  /** How much of what the query asks a memory has to have, rare words counting most. @default 0 */
  readonly minCoverage?: number
}

/** Whose memories are recalled: what is not named is that of the current run. */
export interface RecallRequest extends Whose, RecallDefaults {
  readonly query: string
  /** The turns of this conversation too. */
  readonly session?: string
  readonly agent?: string
  readonly kinds?: readonly MemoryKind[]
  /** What was known then. @default now */
  readonly asOf?: number | Date
}

/** Where it is kept: what is not named is that of the current run. */
export interface RememberRequest {
  readonly text: string
  readonly user?: string
  readonly tenant?: string
  /** Shared memory in place of the user's own. */
  readonly namespace?: string
  /** Who writes, of who has grants. */
  readonly agent?: string
  /** @default what the text looks like, else `fact` */
  readonly kind?: 'fact' | 'preference' | 'episode'
  /** What it is about: it takes the place of what was said of that before. @default what the text looks like */
  readonly topic?: string
  /** The id of the memory that it takes the place of. */
  readonly replaces?: string
  /** From 0 to 1. @default what the text looks like, else 0.5 */
  readonly importance?: number
  readonly expiresInMs?: number
  /** When it was said. @default now */
  readonly atMs?: number
  /** @default 'application' */
  readonly by?: MemoryAuthor
  readonly session?: string
  readonly runId?: string
  readonly callId?: string
}

/** Whose conversation it is: what is not named is that of the current run. */
export interface LearnRequest extends Pick<
  RememberRequest,
  'user' | 'tenant' | 'namespace' | 'agent' | 'session' | 'runId' | 'callId'
> {
  readonly messages: readonly SpokenMessage[]
}

/** Whose state it is: what is not named is that of the current run. */
export interface SessionRequest {
  readonly session?: string | undefined
  readonly user?: string | undefined
  readonly tenant?: string | undefined
}

/** Everything that is kept of a user. */
export interface MemoryExport {
  readonly user: string
  readonly tenant?: string
  readonly exportedAt: string
  /** All versions, oldest first. */
  readonly memories: readonly MemoryVersion[]
}

/** What can be asked of and told to memory. */
export interface Memory {
  /** The memories that fit best, best first. */
  recall(request: RecallRequest): Promise<readonly RecallHit[]>
  /** Keeps something, if the gate lets it pass. */
  remember(request: RememberRequest): Promise<RememberOutcome>
  /** Keeps what users say of themselves in a conversation: by rules, then by the extractor. */
  learn(request: LearnRequest): Promise<readonly RememberOutcome[]>
  /** The same in the background. Never throws. */
  learnLater(request: LearnRequest): void
  /** All versions of a memory, oldest first; none where it is somebody else's. */
  history(id: string, whose?: Whose): Promise<readonly MemoryVersion[]>
  /** Deletes a memory with all its versions: true where there was one of this user or namespace. */
  forget(id: string, whose?: Whose): Promise<boolean>
  export(owner: MemoryOwner): Promise<MemoryExport>
  /** Deletes all of a user's memories, also what the user wrote in namespaces. Resolves to how many there were. */
  erase(owner: MemoryOwner): Promise<number>
  /** The state of a task. */
  blocks(of?: SessionRequest): Blocks
  /** The turns of a conversation. */
  turns(of?: SessionRequest): Turns
  /** Waits for what is learnt in the background, a while. */
  close(): Promise<void>
}

const day = 86_400_000
/** A recall goes on with words alone where the embedder takes longer. */
const embedQueryMs = 2_000
const embedMemoryMs = 10_000
const mostWaiting = 100
const closeWithinMs = 5_000
/** What has expired is deleted once in so many writes. */
const writesPerSweep = 500

/** Memory over a store. */
export function memory(options: MemoryOptions = {}): Memory {
  return new MemoryDesk(options)
}

class MemoryDesk implements Memory {
  readonly #options: MemoryOptions
  readonly #store: MemoryStore
  readonly #now: () => number
  readonly #places: Places
  readonly #allowance: CallAllowance
  readonly #recalled = new RecalledLately()
  readonly #lateVectors: LateVectors | undefined
  #indexes: PlaceIndexes
  #background: Promise<void> = Promise.resolve()
  #waiting = 0
  #writes = 0

  constructor(options: MemoryOptions) {
    this.#options = options
    this.#store = options.store ?? inProcessMemoryStore()
    this.#now = options.now ?? Date.now
    this.#places = new Places(options.namespaces)
    this.#indexes = this.#noIndexes()
    const bug = (error: unknown): void => options.bug?.(error)
    this.#lateVectors =
      options.embedder && new LateVectors(this.#store, options.embedder, { now: this.#now, bug })
    this.#allowance = new CallAllowance(options.extraction?.maxCallsPerHour ?? 60, this.#now)
  }

  async recall(request: RecallRequest): Promise<readonly RecallHit[]> {
    const given = { ...this.#options.recall, ...present(request) }
    const caller = this.#caller(request)
    const places: MemoryPlace[] = [...this.#places.readable(request, caller)]
    if (request.session !== undefined) places.push(this.#session('session', request))
    const { query, asOf, kinds } = request
    const asking = this.#queryVector(query)
    const terms = termsOf(query)
    const asked = { terms, vector: asking }
    const [vector, ...indexes] = await Promise.all([
      asking,
      ...places.map((place) => this.#indexes.of(place, asked)),
    ])
    if (vector !== undefined) this.#lateVectors?.add(indexes)
    const hits = rank(indexes, {
      terms,
      vector,
      atMs: asOf === undefined ? this.#now() : Number(asOf),
      maxItems: given.maxItems ?? 5,
      recencyWeight: given.recencyWeight ?? 0.3,
      relevanceWeight: given.relevanceWeight ?? 0.7,
      vectorWeight: given.vectorWeight ?? 0.25,
      halfLifeMs: given.halfLifeMs ?? 30 * day,
      diversity: given.diversity ?? 0.3,
      minCoverage: given.minCoverage ?? 0,
      fits: kinds === undefined ? undefined : ({ kind }) => kinds.includes(kind),
    })
    if (hits.length > 0) this.#recalled.add(scopeOf(caller), hits)
    return hits
  }

  async remember(request: RememberRequest): Promise<RememberOutcome> {
    const { by = 'application', importance, expiresInMs } = request
    const caller = this.#caller(request)
    const place = this.#places.writable(request, caller)
    const text = request.text.trim()
    const reason = await refusalOf(text, by)
    if (reason !== undefined) return { outcome: 'refused', reason }
    // Who says it themselves may say again what was recalled.
    if (by !== 'user' && by !== 'application' && this.#recalled.has(scopeOf(caller), text)) {
      return { outcome: 'refused', reason: 'recalled' }
    }
    if (request.replaces !== undefined) await this.#checkReplaced(request, caller)
    const statement = request.kind === 'episode' ? undefined : readStatement(text)
    const topic = statement?.topic ?? (request.kind === 'episode' ? undefined : valueTopic(text))
    const nowMs = this.#now()
    const outcome = await remember(
      this.#store,
      (where, terms) => this.#indexes.of(where, { terms }),
      {
        place,
        kind: request.kind ?? statement?.kind ?? 'fact',
        text,
        topic: request.topic ?? topic,
        replaces: request.replaces,
        importance: Math.min(1, Math.max(0, importance ?? statement?.importance ?? 0.5)),
        nowMs,
        atMs: request.atMs ?? nowMs,
        expiresAtMs: expiresInMs === undefined ? undefined : nowMs + expiresInMs,
        source: sourceOf(by, caller),
        embedding: () => this.#memoryVector(text),
      },
    )
    if (this.#writes++ % writesPerSweep === 0) {
      // What was to be kept is kept, whatever becomes of the rest.
      await this.#store.expire(nowMs).catch((error: unknown) => this.#options.bug?.(error))
    }
    return outcome
  }

  async learn(request: LearnRequest): Promise<readonly RememberOutcome[]> {
    const { messages, ...rest } = request
    const whose = present(rest)
    const outcomes: RememberOutcome[] = []
    for (const { text, kind, topic, importance, atMs } of statementsIn(messages)) {
      const found = { text, kind, importance, ...present({ topic, atMs }) }
      outcomes.push(await this.remember({ ...whose, ...found, by: 'rule' }))
    }
    const { extract, extraction = {} } = this.#options
    const shown = conversationText(messages, extraction.maxCharacters ?? 12_000)
    const isWorth = shown.some(({ role }) => role === 'user')
    if (extract === undefined || !isWorth || !this.#allowance.take()) return outcomes
    const signal = AbortSignal.timeout(extraction.timeoutMs ?? 30_000)
    const saidAtMs = messages.findLast(({ role }) => role === 'user')?.atMs
    for (const found of await extract(shown, signal)) {
      const at = present({ atMs: saidAtMs })
      outcomes.push(await this.remember({ ...whose, ...found, ...at, by: 'model' }))
    }
    return outcomes
  }

  learnLater(request: LearnRequest): void {
    const bug = (error: unknown): void => this.#options.bug?.(error)
    if (this.#waiting >= mostWaiting) {
      bug(new Error(`${mostWaiting} conversations wait to be learnt from; one was left out`))
      return
    }
    this.#waiting++
    // Who calls is known now, and not when its turn comes.
    const whose = { ...request, ...this.#caller(request) }
    this.#background = this.#background
      .then(() => this.learn(whose))
      .then(undefined, bug)
      .then(() => void this.#waiting--)
  }

  async history(id: string, whose: Whose = {}): Promise<readonly MemoryVersion[]> {
    const caller = this.#named(whose)
    const versions = await this.#store.history(id)
    return versions.every((version) => this.#places.reaches(version, whose, caller, 'read'))
      ? versions
      : []
  }

  async forget(id: string, whose: Whose = {}): Promise<boolean> {
    const caller = this.#named(whose)
    const version = await this.#store.find(id)
    if (version === undefined) return false
    if (!this.#places.reaches(version, whose, caller, 'write')) return false
    this.#recalled.forget()
    return (await this.#store.forget([id])) > 0
  }

  async export(owner: MemoryOwner): Promise<MemoryExport> {
    checkOwner(owner)
    const { user, tenant } = owner
    const found = await this.#store.list({ user, tenant, everyVersion: true })
    const ids = new Set(found.filter((version) => isOf(version, owner)).map(({ id }) => id))
    return {
      user,
      ...(tenant === undefined ? {} : { tenant }),
      exportedAt: new Date(this.#now()).toISOString(),
      memories: found.filter(({ id }) => ids.has(id)).toReversed(),
    }
  }

  async erase(owner: MemoryOwner): Promise<number> {
    checkOwner(owner)
    this.#recalled.forget()
    this.#indexes = this.#noIndexes()
    return this.#store.erase(owner)
  }

  blocks(of: SessionRequest = {}): Blocks {
    const caller = this.#caller(of)
    return blocksOf(this.#store, this.#session('working', of), {
      source: () => sourceOf('agent', caller),
      now: this.#now,
      keepMs: this.#options.keepSessionsMs ?? 30 * day,
      check: async (text) => {
        const reason = await refusalOf(text, 'agent')
        if (reason === undefined || reason === 'junk') return
        throw new HoldfastError('CALL_REFUSED', `the block is not kept: ${reason}`)
      },
    })
  }

  turns(of: SessionRequest = {}): Turns {
    const caller = this.#caller(of)
    return turnsOf(this.#store, this.#session('session', of), {
      source: () => sourceOf('user', caller),
      now: this.#now,
      keepMs: this.#options.keepSessionsMs ?? 30 * day,
    })
  }

  #noIndexes(): PlaceIndexes {
    const { embedder, searchInStoreFrom: largeFrom } = this.#options
    return new PlaceIndexes(this.#store, {
      embeds: embedder !== undefined,
      ...present({ largeFrom }),
    })
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeWithinMs)
    })
    await Promise.race([Promise.all([this.#background, this.#lateVectors?.settled]), late])
    clearTimeout(timer)
    await this.#store.close()
  }

  #caller(given: MemoryCaller | Whose): MemoryCaller {
    return { ...this.#options.caller?.(), ...present(given as MemoryCaller) }
  }

  /** @throws HoldfastError IDENTITY_MISSING */
  #named(whose: Whose): MemoryCaller {
    const caller = this.#caller(whose)
    if (caller.user === undefined && (whose.namespaces ?? []).length === 0) throw identityMissing()
    return caller
  }

  #session(tier: 'session' | 'working', of: SessionRequest): MemoryPlace {
    const { user, tenant, session, runId } = this.#caller(of)
    const name = session ?? (tier === 'working' ? runId : undefined)
    if (name === undefined) throw identityMissing(tier)
    return { tier, ...present({ tenant, user }), session: name }
  }

  async #checkReplaced(request: RememberRequest, caller: MemoryCaller): Promise<void> {
    const { replaces = '', namespace } = request
    const whose = { ...caller, namespaces: namespace === undefined ? [] : [namespace] }
    const known = await this.#store.find(replaces)
    if (known !== undefined && this.#places.reaches(known, whose, caller, 'write')) return
    throw new HoldfastError('OPTIONS_INVALID', `there is no memory ${replaces} to replace`)
  }

  /** Without an answer of the embedder, words are enough. */
  async #queryVector(text: string): Promise<Embedding | undefined> {
    return this.#vector(text, embedQueryMs)
  }

  async #memoryVector(text: string): Promise<Embedding | undefined> {
    return this.#vector(text, embedMemoryMs)
  }

  async #vector(text: string, timeoutMs: number): Promise<Embedding | undefined> {
    const { embedder } = this.#options
    if (embedder === undefined) return undefined
    try {
      const [embedding] = await embedAll(embedder, [text], timeoutMs)
      return embedding
    } catch (error) {
      this.#options.bug?.(error)
      return undefined
    }
  }
}

/** What is recalled in a conversation is an echo in that conversation. */
function scopeOf({ tenant, user, session, runId }: MemoryCaller): string {
  return JSON.stringify([tenant, user, session ?? runId])
}

function sourceOf(by: MemoryAuthor, caller: MemoryCaller): MemorySource {
  const { agent, user, runId, callId, session } = caller
  return { by, ...present({ agent, user, runId, callId, session }) }
}

function checkOwner({ user }: MemoryOwner): void {
  if (typeof user !== 'string' || user === '') throw identityMissing()
}
