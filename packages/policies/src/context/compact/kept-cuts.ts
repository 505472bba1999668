import { memoryId } from '@holdfast/core/memory'
import type { MemoryPlace, MemoryStore } from '@holdfast/core/memory'
import { present } from '@holdfast/core'
import type { LlmCall, Message } from '@holdfast/core'
import { startOf } from './cuts.ts'
import type { Cuts, KnownCut } from './cuts.ts'
import { notedOf, noteAgain } from './note.ts'
import type { Noted } from './note.ts'

/** Where cuts outlive the process, and for how long. */
export interface CutStore {
  /** Opened at the first call that needs it. */
  readonly store: () => MemoryStore
  /** @default 30 days */
  readonly keepMs?: number | undefined
}

/** A cut in words that can be kept. What was dropped before it stands with the cut before it. */
interface Row {
  readonly start: string
  readonly hash: string
  readonly after?: string
  readonly covered: number
  readonly standing: readonly Message[]
  readonly note?: Noted & { readonly at: number }
  readonly dropped: readonly Message[]
  readonly bodyBytes: number
}

const thirtyDaysMs = 30 * 86_400_000
/** A call does not wait longer for what another process has cut. */
const patienceMs = 1_000
const mostKnown = 1_000
const mostCharacters = 8_000_000

/**
 * Keeps what was cut from the conversations of sessions: after a restart, and in other processes, a conversation goes out
 * with the same beginning, nothing is summed up again, and what was left out can be read.
 */
export class KeptCuts {
  readonly #options: CutStore
  readonly #bug: (error: unknown) => void
  readonly #looked = new Set<string>()

  constructor(options: CutStore, bug: (error: unknown) => void) {
    this.#options = options
    this.#bug = bug
  }

  /** Tells what is kept of the call's conversation, the first time that it comes here. */
  async restore(call: LlmCall, cuts: Cuts): Promise<void> {
    const place = placeOf(call)
    const start = startOf(call)
    if (place === undefined || this.#looked.has(start)) return
    if (this.#looked.size >= mostKnown) this.#looked.clear()
    this.#looked.add(start)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly Row[]>((resolve) => {
      timer = setTimeout(resolve, patienceMs, [])
    })
    try {
      const rows = await Promise.race([this.#rows(place, start), late])
      for (const { cut, bodyBytes } of cutsOf(rows, call)) cuts.add(call, cut, bodyBytes)
    } catch (error) {
      this.#bug(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Keeps a cut in the background. */
  save(call: LlmCall, cut: KnownCut, before: KnownCut | undefined, bodyBytes: number): void {
    const place = placeOf(call)
    if (place === undefined) return
    this.#looked.add(startOf(call))
    const at = cut.standing.findIndex((message) => notedOf(message) !== undefined)
    const noted = at === -1 ? undefined : notedOf(cut.standing[at] as Message)
    const row: Row = {
      start: startOf(call),
      hash: cut.hash,
      ...(before === undefined ? {} : { after: before.hash }),
      covered: cut.covered,
      standing: cut.standing,
      ...(noted === undefined ? {} : { note: { ...noted, at } }),
      dropped: cut.dropped.slice(before?.dropped.length ?? 0),
      bodyBytes,
    }
    const text = JSON.stringify(row)
    if (text.length > mostCharacters) return
    const { user, agent, session, id: runId } = call.run ?? {}
    const atMs = Date.now()
    this.#put({ place, text, atMs, source: { user, agent, session, runId, callId: call.id } }, row)
  }

  #put(
    given: { place: MemoryPlace; text: string; atMs: number; source: object },
    { hash }: Row,
  ): void {
    const { keepMs = thirtyDaysMs, store } = this.#options
    const put = async (): Promise<unknown> =>
      store().put({
        ...given,
        id: memoryId(given.place, 'block', hash),
        version: 1,
        kind: 'block',
        importance: 0,
        expiresAtMs: given.atMs + keepMs,
        source: { by: 'application', ...present(given.source) },
      })
    put().catch(this.#bug)
  }

  async #rows(place: MemoryPlace, start: string): Promise<readonly Row[]> {
    const rows: Row[] = []
    const store = this.#options.store()
    const nowMs = Date.now()
    let cursor: string | undefined
    for (let more = true; more;) {
      const changes = await store.changes(place, cursor)
      for (const { text, expiresAtMs = Infinity } of changes.versions) {
        const row = JSON.parse(text) as Row
        if (row.start === start && expiresAtMs > nowMs) rows.push(row)
      }
      ;({ cursor, more } = changes)
    }
    return rows
  }
}

/** Of a session without a name nobody knows which one it is. */
function placeOf({ run }: LlmCall): MemoryPlace | undefined {
  const { tenant, user, session } = run ?? {}
  if (session === undefined || session === '') return undefined
  return {
    tier: 'working',
    ...present({ tenant, user }),
    session: `holdfast-context:${session}`,
  }
}

/** The cuts in the order in which they were made, in terms of the conversation as it comes. */
function cutsOf(
  rows: readonly Row[],
  { request }: LlmCall,
): { readonly cut: KnownCut; readonly bodyBytes: number }[] {
  // What is as it was is the same message, so that it goes out as its original bytes.
  const same = new Map(request.messages.map((message) => [JSON.stringify(message), message]))
  const known = new Map<string, KnownCut>()
  return rows.map(({ hash, after, covered, standing, note, dropped, bodyBytes }) => {
    const messages = standing.map((message) => same.get(JSON.stringify(message)) ?? message)
    if (note !== undefined) {
      const { at, ...noted } = note
      const base = same.get(JSON.stringify(noted.base)) ?? noted.base
      const message = messages[at]
      if (message !== undefined) noteAgain(message, { ...noted, base })
    }
    const before = after === undefined ? [] : (known.get(after)?.dropped ?? [])
    const cut = { hash, covered, standing: messages, dropped: [...before, ...dropped] }
    known.set(hash, cut)
    return { cut, bodyBytes }
  })
}
