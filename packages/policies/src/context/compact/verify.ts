import type { Message, Part, ToolResultPart } from '@holdfast/core'
import { alternates } from './join.ts'
import { noteStart } from './note.ts'

/** What a shorter conversation has to stand up to. */
export interface Verification {
  readonly format: string
  readonly before: readonly Message[]
  readonly after: readonly Message[]
  /** What the request takes now, and what it may take. */
  readonly tokens: number
  readonly limitTokens: number
  readonly isPinned: (message: Message) => boolean
  /** So many messages at the end have to be the very same. */
  readonly newest: number
}

/**
 * What is wrong with a shorter conversation; undefined where nothing is. It knows nothing of how it was made shorter:
 * it looks at what came out of it, as the provider will.
 */
export function verify(checked: Verification): string | undefined {
  const { tokens, limitTokens } = checked
  if (checked.after.length === 0) return 'nothing is left'
  if (tokens > limitTokens) return `${tokens} tokens are more than ${limitTokens}`
  return (
    brokenPair(checked) ??
    wrongRole(checked) ??
    lostReasoning(checked) ??
    lostPin(checked) ??
    touchedNewest(checked)
  )
}

/** Each result follows its call, each call has its result; only what was so before may be otherwise. */
function brokenPair({ format, before, after }: Verification): string | undefined {
  const wrongBefore = new Set(unpaired(before, format))
  const wrong = unpaired(after, format).find((one) => !wrongBefore.has(one))
  return wrong
}

function unpaired(messages: readonly Message[], format: string): string[] {
  const wrong: string[] = []
  const known = new Set<string>()
  let open: { id: string; name: string }[] = []
  const isAdjacent = format !== 'openai-responses' && format !== 'mistral-conversations'
  const close = (): void => {
    if (isAdjacent) for (const { id, name } of open) wrong.push(`call ${id || name} has no result`)
    if (isAdjacent) open = []
  }
  for (const { role, parts } of messages) {
    const results = parts.filter((part) => part.type === 'tool-result')
    if (role === 'assistant' || (role === 'user' && results.length === 0)) close()
    for (const result of results) {
      const at = open.findIndex((call) => answers(result, call))
      if (at >= 0) open.splice(at, 1)
      else wrong.push(`result ${result.id || (result.name ?? '')} has no call before it`)
    }
    if (results.length > 0 && parts.some((part) => part.type !== 'tool-result')) close()
    for (const part of parts) {
      if (part.type !== 'tool-call') continue
      if (part.id !== '' && known.has(part.id)) wrong.push(`two calls are called ${part.id}`)
      known.add(part.id)
      open.push(part)
    }
  }
  for (const { id, name } of open) wrong.push(`call ${id || name} has no result`)
  return wrong
}

function answers(result: ToolResultPart, call: { id: string; name: string }): boolean {
  return call.id === '' || result.id === '' ? result.name === call.name : result.id === call.id
}

function wrongRole({ format, before, after }: Verification): string | undefined {
  if (!alternates(format)) return undefined
  const side = ({ role }: Message): boolean => role === 'assistant'
  const [first] = after
  const firstBefore = before[0]
  if (first !== undefined && first.role !== 'user' && first.role !== firstBefore?.role) {
    return `the first message is the ${first.role}'s`
  }
  const didAlternate = before.every(
    (one, at) => at === 0 || side(one) !== side(before[at - 1] ?? one),
  )
  if (!didAlternate) return undefined
  const at = after.findIndex(
    (one, place) => place > 0 && side(one) === side(after[place - 1] ?? one),
  )
  return at < 0 ? undefined : `messages ${at - 1} and ${at} are of one side`
}

/** The model's own turns are never rewritten, and thoughts that stand by themselves stay with what they led to. */
function lostReasoning({ format, before, after }: Verification): string | undefined {
  const places = new Map(before.map((message, at) => [message, at]))
  for (const [at, message] of after.entries()) {
    if (message.role !== 'assistant') continue
    const place = places.get(message)
    if (place === undefined) return `message ${at} is not what the model said`
    if (format !== 'openai-responses') continue
    const follows = before[place + 1]
    if (isThought(message) && follows?.role === 'assistant' && after[at + 1] !== follows) {
      return `the thought in message ${at} stands alone`
    }
    const led = before[place - 1]
    if (led !== undefined && isThought(led) && after[at - 1] !== led) {
      return `message ${at} is without the thought that led to it`
    }
  }
  return undefined
}

function isThought({ role, parts }: Message): boolean {
  return role === 'assistant' && parts.length > 0 && parts.every(({ type }) => type === 'reasoning')
}

function lostPin({ before, after, isPinned }: Verification): string | undefined {
  const there = new Set<Part>(after.flatMap(({ parts }) => parts))
  const task = before.find(({ role }) => role === 'user')
  for (const [at, message] of before.entries()) {
    if (message !== task && !isPinned(message)) continue
    const lost = message.parts.some((part) => !there.has(part) && !isSaid(part, after))
    if (lost)
      return message === task ? 'the task is not there' : `pinned message ${at} is not there`
  }
  return undefined
}

/** A text that a note was put behind is still said. */
function isSaid(part: Part, after: readonly Message[]): boolean {
  if (part.type !== 'text') return false
  const [said = ''] = part.text.split(`\n\n${noteStart}`, 1)
  if (said.startsWith(noteStart)) return true
  return after.some(
    ({ role, parts }) =>
      role === 'user' && parts.some((one) => one.type === 'text' && one.text.startsWith(said)),
  )
}

function touchedNewest({ before, after, newest }: Verification): string | undefined {
  for (let back = 1; back <= newest; back++) {
    const expected = before.at(-back)
    const found = after.at(-back)
    if (expected === undefined || found === expected) continue
    // The first of them may stand in one message with what is before it.
    const isMerged =
      back === newest && expected.parts.every((part) => found?.parts.includes(part) === true)
    if (!isMerged) return `message ${back} from the end is not the same`
  }
  return undefined
}
