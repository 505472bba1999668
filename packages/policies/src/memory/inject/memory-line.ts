import type { Interceptor, LlmCall, LlmReply, Message, Next } from '@holdfast/core'
import { estimateText } from '../../context/count/estimate-text.ts'
import { watchAnswer } from '../extract/watch-answer.ts'
import { broughtBack, isWithoutHistory } from '../session-turns/brought-back.ts'
import { apart, callerOf } from './caller.ts'
import type { LineCaller, LineMemory } from './caller.ts'
import { KeptNotes } from './kept-notes.ts'
import { KnownTurns } from './known-turns.ts'
import type { KnownTurn, TurnState } from './known-turns.ts'
import { nameOf, noNote, noteOf } from './note.ts'
import type { Known, Note } from './note.ts'
import type {
  InjectOptions,
  MemoryLineOptions,
  MemoryToolsOptions,
  SessionTurnsOptions,
} from './options.ts'
import { spokenTurns, TurnKeys } from './spoken-turns.ts'
import type { SpokenTurn } from './spoken-turns.ts'
import { standing } from './standing.ts'
import { withMemories } from './with-memories.ts'

/**
 * Puts what is known of the user into requests, and keeps what the user says.
 *
 * Sees: the newest message of a conversation, and the answer. Changes: what the user said gets memories behind it, the
 * same ones each time the conversation is sent again; tool calls and their results stay as they are. Calls without a
 * user go on as they came.
 */
export function memoryLine(
  memory: LineMemory,
  options: MemoryLineOptions = {},
  bug: (error: unknown) => void = () => {},
): Interceptor {
  const line = new MemoryLine(memory, options, bug)
  return async function memory(call, next) {
    const caller = call.operation === 'chat' ? callerOf(call) : undefined
    if (caller === undefined) return next(call)
    const prepared = await line.prepare(call, caller)
    return line.keep(prepared, await line.send(prepared, next))
  }
}

/** A call as it goes out, and what is new in it. */
interface Prepared {
  readonly call: LlmCall
  readonly caller: LineCaller
  readonly newest?: SpokenTurn
  readonly state?: TurnState
}

class MemoryLine {
  readonly #memory: LineMemory
  readonly #bug: (error: unknown) => void
  readonly #inject: InjectOptions | undefined
  readonly #learns: boolean
  readonly #sessionTurns: SessionTurnsOptions | undefined
  readonly #tools: MemoryToolsOptions | undefined
  readonly #kept: KeptNotes
  readonly #turns = new KnownTurns()
  readonly #keys = new TurnKeys()

  constructor(memory: LineMemory, options: MemoryLineOptions, bug: (error: unknown) => void) {
    this.#memory = memory
    this.#bug = bug
    this.#kept = new KeptNotes(memory, bug)
    this.#inject = chosen(options.inject ?? true)
    this.#learns = options.learn ?? true
    this.#sessionTurns = chosen(options.sessionTurns ?? false)
    this.#tools = chosen(options.tools ?? false)
  }

  async prepare(call: LlmCall, caller: LineCaller): Promise<Prepared> {
    const turns = spokenTurns(call.request.messages, this.#keys)
    const newest = turns.at(-1)
    if (newest === undefined) return { call, caller }
    const scope = scopeOf(call, caller)
    const before = turns.slice(0, -1)
    if (this.#inject !== undefined && caller.session !== undefined) {
      await this.#restore(scope, caller, before)
    }
    const earlier = before.map(({ index, key }) => {
      return { index, known: this.#turns.find(scope + key)?.known }
    })
    const additions = new Map<number, KnownTurn>()
    for (const { index, known } of earlier) {
      const what = await known
      if (what !== undefined && isSomething(what)) additions.set(index, what)
    }
    const key = scope + newest.key
    let state = this.#turns.find(key)
    const isNew = state === undefined || isAnother(state, call, newest, caller)
    if (state === undefined || isNew) {
      const said = [...additions.values()].map(({ note }) => note)
      const known = this.#decide(call, caller, newest, said)
      void known.then(({ note }) => this.#kept.keep(caller, newest.key, note))
      state = { runId: caller.runId, known, isOver: false }
      this.#turns.add(key, state)
    }
    const now = await state.known
    if (isSomething(now)) additions.set(newest.index, now)
    if (additions.size === 0) return { call, caller, newest, state }
    tell(call, additions, isNew ? now : undefined)
    const changed = call.with({ request: withMemories(call.request, additions) })
    return { call: changed, caller, newest, state }
  }

  /** Turns of the session that another process has seen. */
  async #restore(scope: string, caller: LineCaller, turns: readonly SpokenTurn[]): Promise<void> {
    const missing = turns.filter(({ key }) => this.#turns.find(scope + key) === undefined)
    if (missing.length === 0) return
    const keys = missing.map(({ key }) => key)
    const kept = await this.#within(this.#kept.find(caller, keys), new Map<string, Note>())
    for (const key of keys) {
      const known = Promise.resolve({ note: kept.get(key) ?? noNote, before: [] })
      if (this.#turns.find(scope + key) === undefined) {
        this.#turns.add(scope + key, { runId: undefined, known, isOver: true })
      }
    }
  }

  /** With tools where they are wanted; their code is loaded then. */
  send({ call, caller }: Prepared, next: Next): Promise<LlmReply> {
    const options = this.#tools
    if (options === undefined) return next(call)
    const [memory, bug] = [this.#memory, this.#bug]
    return import('../tools/with-tools.ts').then(({ withTools }) =>
      withTools(call, next, { memory, caller, options, bug }),
    )
  }

  /** Has what was said kept, once the answer is there. */
  keep({ call, caller, newest, state }: Prepared, reply: LlmReply): LlmReply {
    if (newest === undefined || state === undefined || state.isOver) return reply
    if (!this.#learns && this.#sessionTurns === undefined) return reply
    if (reply.failure !== undefined || reply.status >= 400) return reply
    return watchAnswer(reply, (answer) => {
      if (state.isOver) return
      state.isOver = true
      const { text } = newest
      if (this.#learns) {
        const messages = [
          { role: 'user', text },
          { role: 'assistant', text: answer },
        ]
        this.#memory.learnLater({ ...caller, callId: call.id, messages })
      }
      if (this.#sessionTurns !== undefined && caller.session !== undefined && answer !== '') {
        void this.#addTurns(caller, text, answer)
      }
    })
  }

  async #addTurns(caller: LineCaller, question: string, answer: string): Promise<void> {
    try {
      const turns = this.#memory.turns(caller)
      await turns.add({ role: 'user', text: question })
      await turns.add({ role: 'assistant', text: answer })
    } catch (error) {
      this.#bug(error)
    }
  }

  #decide(
    call: LlmCall,
    caller: LineCaller,
    newest: SpokenTurn,
    said: readonly Note[],
  ): Promise<KnownTurn> {
    // Both are asked for before either is waited for.
    const noting = this.#note(caller, newest, said)
    const bringingBack = this.#before(call, caller, newest)
    const note = noting === undefined ? Promise.resolve(noNote) : this.#within(noting, noNote)
    if (bringingBack === undefined) return note.then((said) => ({ note: said, before: [] }))
    const brought = this.#within(bringingBack, [])
    return Promise.all([note, brought]).then(([said, before]) => ({ note: said, before }))
  }

  /** Undefined where nothing is to be put into requests. */
  #note(
    caller: LineCaller,
    { text, isFirst }: SpokenTurn,
    said: readonly Note[],
  ): Promise<Note> | undefined {
    if (this.#inject === undefined) return undefined
    const { maxItems = 5, maxTokens = 400, namespaces } = this.#inject
    const query = text.length > mostQuery ? text.slice(-mostQuery) : text
    const more = namespaces === undefined ? {} : { namespaces }
    const known = new Set(said.flatMap(({ says }) => says))
    const asked = { ...apart(caller), ...more, query, maxItems: maxItems + known.size }
    const recalling = this.#memory.recall(asked)
    const found = isFirst
      ? Promise.all([recalling, standing(this.#memory, caller)]).then(([hits, always]) => {
          const names = new Set(always.map(nameOf))
          return [...always, ...hits.filter((hit) => !names.has(nameOf(hit)))]
        })
      : recalling
    return found.then((hits: readonly Known[]) => {
      const fresh = known.size === 0 ? hits : hits.filter((hit) => !known.has(nameOf(hit)))
      return noteOf(fresh.slice(0, maxItems), maxTokens)
    })
  }

  /** Undefined where the conversation is there, or nobody knows which one it is. */
  #before(
    call: LlmCall,
    caller: LineCaller,
    newest: SpokenTurn,
  ): Promise<readonly Message[]> | undefined {
    if (this.#sessionTurns === undefined || caller.session === undefined) return undefined
    if (!isWithoutHistory(call.request, newest.index)) return undefined
    const { maxTurns = 20 } = this.#sessionTurns
    const listing = this.#memory.turns(caller).list()
    return listing.then((turns) => broughtBack(turns, maxTurns))
  }

  /** Memory is a help, and nobody waits for it for long. */
  #within<T>(work: Promise<T>, otherwise: T): Promise<T> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      let isOver = false
      const over = (value: T): void => {
        isOver = true
        clearTimeout(timer)
        resolve(value)
      }
      work.then(over, (error: unknown) => {
        if (!isOver) this.#bug(error)
        over(otherwise)
      })
      // What is at hand is there before this, and needs no timer.
      process.nextTick(() => {
        if (isOver) return
        timer = setTimeout(over, this.#inject?.timeoutMs ?? 1_000, otherwise)
        timer.unref()
      })
    })
  }
}

/** What is asked is at the end of a long message. */
const mostQuery = 2_000

/** Nothing is shared between users, nor between conversations that are told apart. */
function scopeOf({ format }: LlmCall, { tenant, user, session }: LineCaller): string {
  return JSON.stringify([tenant, user, session, format.name])
}

/** Without a name two conversations that begin alike are told apart by their runs. */
function isAnother(
  { runId }: TurnState,
  { request }: LlmCall,
  { index }: SpokenTurn,
  caller: LineCaller,
): boolean {
  const isFresh = index === request.messages.length - 1
  return isFresh && caller.session === undefined && runId !== caller.runId
}

function isSomething({ note, before }: KnownTurn): boolean {
  return note.text !== '' || before.length > 0
}

function tell(call: LlmCall, additions: ReadonlyMap<number, KnownTurn>, now?: KnownTurn): void {
  const all = [...additions.values()]
  call.emit({
    type: 'memory-injected',
    items: all.reduce((sum, { note }) => sum + note.says.length, 0),
    turns: all.reduce((sum, { before }) => sum + before.length, 0),
    tokens: all.reduce((sum, one) => sum + tokensOf(one), 0),
    newTokens: now === undefined ? 0 : tokensOf(now),
  })
}

function tokensOf({ note, before }: KnownTurn): number {
  let tokens = note.tokens
  for (const { parts } of before) {
    for (const part of parts) if (part.type === 'text') tokens += Math.ceil(estimateText(part.text))
  }
  return tokens
}

function chosen<T extends object>(setting: boolean | T): T | undefined {
  if (setting === false) return undefined
  return setting === true ? ({} as T) : setting
}
