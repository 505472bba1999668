import type { Message } from '@holdfast/core'
import type { Pin } from '../options.ts'
import { join } from './join.ts'
import { layoutOf, pinning } from './kept.ts'
import type { Layout } from './kept.ts'
import { noteAlone, withNote } from './note.ts'
import { dropSuperseded, supersededResults, trimResults } from './trim-results.ts'
import type { Summarise } from './summarise.ts'
import type { Unit } from './units.ts'
import { verify } from './verify.ts'

/** What a conversation is to be brought to. */
export interface Compacting {
  readonly messages: readonly Message[]
  readonly format: string
  /** What the whole request takes now. */
  readonly tokens: number
  /** What it is brought to where that can be done. */
  readonly targetTokens: number
  /** What it must not be more than. */
  readonly limitTokens: number
  readonly keepNewest: number
  readonly pin: Pin | undefined
  /** Also what the current run has done may be made shorter. */
  readonly insideRun: boolean
  /** What a message counts for. */
  readonly weigh: (message: Message) => number
  /** Says in few words what messages were about; undefined where it cannot. */
  readonly summarise?: Summarise | undefined
  /** The model may fetch back what is left out, and is told so. */
  readonly canRecall?: boolean
}

export type StrategyName = 'trim-results' | 'drop-superseded' | 'summarise' | 'drop-oldest'

/** A shorter conversation that stood up to the verification. */
export interface Compacted {
  readonly messages: readonly Message[]
  readonly tokens: number
  readonly strategies: readonly StrategyName[]
  /** So many messages of the conversation before are in what is shorter; those after them are as they were. */
  readonly covered: number
  /** So many at its beginning stand for those. */
  readonly standing: number
  /** What is not said any more, or in part only. */
  readonly dropped: readonly Message[]
}

/** What was wrong with what a strategy made, where something was. */
export interface Tried {
  readonly strategy: StrategyName
  readonly wrong: string
}

/**
 * Makes a conversation shorter, by one strategy after the other until it is short enough; each result is verified, and
 * one that is not right is thrown away. Undefined where nothing that is right is below the limit.
 */
export async function compact(
  asked: Compacting,
  tried: (one: Tried) => void = () => {},
): Promise<Compacted | undefined> {
  const layout = layoutOf(asked.messages, asked)
  if (layout.tail <= layout.head) return undefined
  const before = sum(asked.messages, asked.weigh)
  let best: Compacted | undefined
  for (const strategy of strategies) {
    const candidate = await strategy(asked, layout)
    if (candidate === undefined) continue
    const tokens = Math.ceil(asked.tokens - before + sum(candidate.messages, asked.weigh))
    const newest = asked.messages.length - layout.tail
    // What the newest begins with may stand in one message with what is before it.
    const isMerged = newest > 0 && candidate.messages.at(-newest) !== asked.messages[layout.tail]
    const covered = layout.tail + (isMerged ? 1 : 0)
    const standing = candidate.messages.slice(
      0,
      candidate.messages.length - newest + (isMerged ? 1 : 0),
    )
    const messages = [...standing, ...asked.messages.slice(covered)]
    const wrong = verify({
      format: asked.format,
      before: asked.messages,
      after: messages,
      tokens,
      limitTokens: asked.limitTokens,
      isPinned: pinning(asked.pin),
      newest,
    })
    if (wrong !== undefined) {
      tried({ strategy: candidate.strategies.at(-1) ?? 'drop-oldest', wrong })
      continue
    }
    if (best === undefined || tokens < best.tokens) {
      best = { ...candidate, messages, tokens, covered, standing: standing.length }
    }
    if (best.tokens <= asked.targetTokens) break
  }
  return best
}

type Candidate = Pick<Compacted, 'messages' | 'strategies' | 'dropped'>
type Strategy = (
  asked: Compacting,
  layout: Layout,
) => Candidate | undefined | Promise<Candidate | undefined>

/** In the order in which they are tried: what costs the model least to be without comes first. */
const strategies: readonly Strategy[] = [trimmed, superseded, summarised, dropped]

function trimmed({ messages }: Compacting, layout: Layout): Candidate | undefined {
  return changed(messages, layout, ['trim-results'], trimResults)
}

function superseded({ messages }: Compacting, layout: Layout): Candidate | undefined {
  const known = supersededResults(messages)
  return changed(messages, layout, trimming, (message) =>
    trimResults(dropSuperseded(message, known)),
  )
}

async function summarised(asked: Compacting, layout: Layout): Promise<Candidate | undefined> {
  const gone = middle(layout)
  const said = gone.flatMap(({ start, end }) => asked.messages.slice(start, end))
  const summary = said.length === 0 ? undefined : await asked.summarise?.(said)
  if (summary === undefined) return undefined
  return without(asked, layout, gone, { messages: asked.messages, dropped: [], summary })
}

/** The oldest go first, and no more of them than have to. */
function dropped(asked: Compacting, layout: Layout): Candidate | undefined {
  const { weigh, tokens, targetTokens } = asked
  const shorter = superseded(asked, layout)
  const messages = shorter?.messages ?? asked.messages
  // The note takes some, too.
  let left = tokens + noteTokens + sum(messages, weigh) - sum(asked.messages, weigh)
  const gone: Unit[] = []
  for (const unit of middle(layout)) {
    if (left <= targetTokens) break
    gone.push(unit)
    left -= sum(messages.slice(unit.start, unit.end), weigh)
  }
  if (gone.length === 0) return undefined
  return without(asked, layout, gone, { messages, dropped: shorter?.dropped ?? [] })
}

const noteTokens = 100

/** The conversation without some of its units, and a note where they were. */
function without(
  asked: Compacting,
  { units, head }: Layout,
  gone: readonly Unit[],
  rest: Pick<Candidate, 'messages' | 'dropped'> & { readonly summary?: string },
): Candidate {
  const left = new Set(gone)
  const pieces: Message[][] = [[]]
  for (const unit of units) {
    if (!left.has(unit)) pieces.at(-1)?.push(...rest.messages.slice(unit.start, unit.end))
    else if (pieces.at(-1)?.length !== 0 || pieces.length === 1) pieces.push([])
  }
  const goneMessages = gone.flatMap(({ start, end }) => asked.messages.slice(start, end))
  const { format, canRecall = false } = asked
  const [first = [], ...others] = pieces
  // The note stands with the task where nothing is between them.
  const task = first.length === head ? first.at(-1) : undefined
  const noted: Message[][] =
    task?.role === 'user'
      ? [[...first.slice(0, -1), withNote(task, goneMessages, rest.summary, canRecall)]]
      : [first, [noteAlone(goneMessages, rest.summary, canRecall)]]
  return {
    messages: join([...noted, ...others], format),
    strategies:
      rest.summary === undefined
        ? [...(rest.dropped.length === 0 ? [] : trimming), 'drop-oldest']
        : ['summarise'],
    dropped: [...new Set([...goneMessages, ...rest.dropped])],
  }
}

const trimming = ['trim-results', 'drop-superseded'] as const

/** The units that may be touched. */
function middle({ units, head, tail, keeps }: Layout): Unit[] {
  return units.filter((unit) => unit.start >= head && unit.end <= tail && !keeps.has(unit))
}

function changed(
  messages: readonly Message[],
  layout: Layout,
  names: readonly StrategyName[],
  change: (message: Message) => Message,
): Candidate | undefined {
  const touched = new Set<number>()
  for (const { start, end } of middle(layout)) for (let at = start; at < end; at++) touched.add(at)
  const gone: Message[] = []
  const next = messages.map((message, at) => {
    const other = touched.has(at) ? change(message) : message
    if (other !== message) gone.push(message)
    return other
  })
  return gone.length === 0 ? undefined : { messages: next, strategies: names, dropped: gone }
}

function sum(messages: readonly Message[], weigh: (message: Message) => number): number {
  let total = 0
  for (const message of messages) total += weigh(message)
  return total
}
