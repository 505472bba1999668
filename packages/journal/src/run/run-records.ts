import type { EffectInDoubt } from '@holdfast/core'
import type {
  LlmRecord,
  ReadEntry,
  Resolution,
  ToolIntent,
  ToolOutcome,
} from '../record/entries.ts'
import type { KnownRequest } from './known-requests.ts'

/** An LLM call that an earlier execution of the run had answered. */
export interface KnownCall {
  readonly seq: number
  readonly atMs: number
  readonly record: LlmRecord
  /** The record of the conversation that its request goes on from. */
  readonly base: number | undefined
  readonly payload: Uint8Array
}

/** A tool call that an earlier execution of the run had begun. */
export interface KnownEffect {
  readonly seq: number
  readonly atMs: number
  readonly intent: ToolIntent
  outcome: ToolOutcome | undefined
  resolution: Resolution | undefined
}

/**
 * What earlier executions of a run left, to be matched with what this one asks: by scope and fingerprint, and among
 * equals first come first served.
 */
export class RunRecords {
  readonly #calls = new Map<string, KnownCall[]>()
  readonly #effects = new Map<string, KnownEffect[]>()
  /** Those of each scope that nobody has asked for yet. */
  readonly #unasked = new Map<string, Set<KnownCall>>()
  /** Requests that went upstream and were not answered. */
  readonly #started = new Set<string>()
  /** Calls that nobody has asked for yet. */
  #callsLeft = 0
  readonly #values = new Map<string, (string | number)[]>()
  readonly nextSeq: number

  constructor(entries: readonly ReadEntry[], requests: ReadonlyMap<number, KnownRequest>) {
    this.nextSeq = (entries.at(-1)?.seq ?? -1) + 1
    for (const entry of entries) {
      switch (entry.kind) {
        case 'llm': {
          const { seq, atMs, data: record, payload = new Uint8Array(0) } = entry
          const request = requests.get(seq)
          if (request === undefined) break
          const { fingerprint, base } = request
          const known = { seq, atMs, record, base, payload }
          push(this.#calls, keyOf({ scope: record.scope, fingerprint }), known)
          this.#callsLeft++
          const unasked = this.#unasked.get(record.scope) ?? new Set()
          this.#unasked.set(record.scope, unasked.add(known))
          break
        }
        case 'llm-start':
          this.#started.add(keyOf(entry.data))
          break
        case 'value':
          push(this.#values, `${entry.data.scope}\n${entry.data.name}`, entry.data.value)
          break
        default:
      }
    }
    for (const effect of effectsOf(entries)) push(this.#effects, keyOf(effect.intent), effect)
  }

  takeCall(scope: string, fingerprint: string): KnownCall | undefined {
    const known = this.#calls.get(keyOf({ scope, fingerprint }))?.shift()
    if (known === undefined) return undefined
    this.#unasked.get(scope)?.delete(known)
    this.#callsLeft--
    return known
  }

  get hasCalls(): boolean {
    return this.#callsLeft > 0
  }

  takeEffect(scope: string, fingerprint: string): KnownEffect | undefined {
    return this.#effects.get(keyOf({ scope, fingerprint }))?.shift()
  }

  /** It was asked for too early: the next one who asks gets it. */
  putBack(effect: KnownEffect): void {
    const key = keyOf(effect.intent)
    this.#effects.set(key, [effect, ...(this.#effects.get(key) ?? [])])
  }

  takeValue(scope: string, name: string): string | number | undefined {
    return this.#values.get(`${scope}\n${name}`)?.shift()
  }

  /**
   * True where the run asked something else at this place: after the same call of the conversation, or at its
   * beginning. A call that had been under way is at its place.
   */
  hasOther(scope: string, fingerprint: string, goesOnFrom: number | undefined): boolean {
    if (this.#started.has(keyOf({ scope, fingerprint }))) return false
    for (const { base } of this.#unasked.get(scope) ?? []) {
      if (base === goesOnFrom) return true
    }
    return false
  }
}

/** The effects of a run, each with what became of it. An execution that was begun anew stands for the one cut off. */
export function effectsOf(entries: readonly ReadEntry[]): KnownEffect[] {
  const effects = new Map<number, KnownEffect>()
  for (const entry of entries) {
    switch (entry.kind) {
      case 'tool-intent': {
        const { seq, atMs, data: intent } = entry
        if (intent.again !== undefined) effects.delete(intent.again)
        effects.set(seq, { seq, atMs, intent, outcome: undefined, resolution: undefined })
        break
      }
      case 'tool-outcome': {
        const effect = effects.get(entry.data.intent)
        if (effect !== undefined) effect.outcome = entry.data
        break
      }
      case 'resolution': {
        const effect = effects.get(entry.data.intent)
        if (effect !== undefined) effect.resolution = entry.data
        break
      }
      default:
    }
  }
  // In the order in which they were first begun: one that was begun anew keeps its place among its equals.
  return [...effects.values()].toSorted(
    (one, other) => one.intent.ordinal - other.intent.ordinal || one.seq - other.seq,
  )
}

/** True where nobody knows what the effect did, or what it answered. */
export function isInDoubt({ outcome, resolution }: KnownEffect): boolean {
  return resolution === undefined && (outcome === undefined || outcome.lost !== undefined)
}

export function effectInDoubt(
  runId: string,
  { seq, atMs, intent, outcome }: KnownEffect,
): EffectInDoubt {
  return {
    id: `${runId}#${seq}`,
    runId,
    name: intent.name,
    arguments: JSON.parse(intent.arguments) as unknown,
    idempotencyKey: intent.idempotencyKey,
    startedAtMs: atMs,
    ...(outcome?.lost === undefined ? {} : { lost: outcome.lost }),
  }
}

function keyOf({ scope, fingerprint }: { scope: string; fingerprint: string }): string {
  return `${scope}\n${fingerprint}`
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
