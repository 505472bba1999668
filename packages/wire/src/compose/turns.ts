import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '@holdfast/core'
import { object, text } from '../json/json.ts'
import { fittingId, hashedId } from '../request/tool-call-id.ts'
import { lostExtra } from './extras.ts'
import type { Losses } from './losses.ts'
import type { FitRules } from './rules.ts'

interface AssistantTurn {
  readonly role: 'assistant'
  readonly parts: Part[]
  readonly calls: ToolCallPart[]
}

interface UserTurn {
  readonly role: 'user'
  readonly results: ToolResultPart[]
  /** What follows the results: parts of the user, and system messages among them. */
  readonly said: (Part | { readonly system: Message })[]
}

/**
 * The conversation in the one shape that every provider accepts: user and assistant in turn, each tool call with an id
 * of its own, answered at the beginning of the next turn. The same conversation always comes out the same, and a longer
 * one begins as it did before, so that the provider's prompt cache holds.
 */
export function fitMessages(
  messages: readonly Message[],
  rules: FitRules,
  losses: Losses,
): Message[] {
  return new TurnWriter(rules, losses).write(messages)
}

const noResult = 'No result: the call was never answered.'
const filler: TextPart = { type: 'text', text: 'Continue.' }

class TurnWriter {
  readonly #rules: FitRules
  readonly #losses: Losses
  readonly #turns: (AssistantTurn | UserTurn)[] = []
  readonly #usedIds = new Set<string>()
  /** Calls that wait for their result, by the id that the application knows. */
  readonly #waiting: { readonly id: string; readonly call: ToolCallPart; readonly turn: number }[] =
    []
  #calls = 0

  constructor(rules: FitRules, losses: Losses) {
    this.#rules = rules
    this.#losses = losses
  }

  write(messages: readonly Message[]): Message[] {
    for (const [at, message] of messages.entries()) {
      const where = `messages[${at}]`
      if (message.role === 'assistant') this.#assistant(message, where)
      else if (isSystem(message)) this.#system(message, where)
      else this.#user(message, where)
    }
    for (const { call, turn } of this.#waiting) {
      this.#losses.detail('tool call without result', 'messages')
      this.#answer(turn, {
        type: 'tool-result',
        id: call.id,
        ...(this.#rules.resultNames ? { name: call.name } : {}),
        parts: [{ type: 'text', text: noResult }],
        ...(this.#rules.errorFlag ? { isError: true } : {}),
      })
    }
    return this.#ends(joined(this.#turns.flatMap((turn) => this.#messagesOf(turn))))
  }

  #assistant(message: Message, where: string): void {
    lostExtra(message.extra, this.#losses, where)
    let turn = this.#turns.at(-1)
    if (turn?.role !== 'assistant') {
      turn = { role: 'assistant', parts: [], calls: [] }
      this.#turns.push(turn)
    }
    for (const part of message.parts) {
      switch (part.type) {
        case 'tool-call': {
          const call = this.#call(part, where)
          turn.parts.push(call)
          turn.calls.push(call)
          this.#waiting.push({ id: part.id, call, turn: this.#turns.length - 1 })
          break
        }
        case 'reasoning':
          // It belongs to the model that reasoned; no other one takes it.
          if (part.text !== '' || part.encrypted !== undefined) {
            this.#losses.detail('reasoning of earlier turns', 'messages')
          }
          break
        case 'refusal':
          if (part.text === '') break
          if (this.#rules.refusals) turn.parts.push({ type: 'refusal', text: part.text })
          else {
            this.#losses.detail('refusal as such', where)
            turn.parts.push(...this.#text({ type: 'text', text: part.text }, where))
          }
          break
        case 'text':
          turn.parts.push(...this.#text(part, where))
          break
        default:
          this.#dropped(part, where)
      }
    }
  }

  #user(message: Message, where: string): void {
    lostExtra(message.extra, this.#losses, where)
    const turn = this.#userTurn()
    for (const part of message.parts) {
      if (part.type === 'tool-result') this.#result(part, turn, where)
      else turn.said.push(...this.#said(part, where))
    }
  }

  #system(message: Message, where: string): void {
    const role = text(message.extra?.['role'])
    const parts = message.parts.flatMap((part) => this.#said(part, where))
    if (parts.length === 0) return
    const turn = this.#userTurn()
    if (this.#rules.systemInside)
      turn.said.push({ system: { role: 'user', parts, extra: { role } } })
    else {
      this.#losses.detail('system message in mid-conversation', where)
      turn.said.push(...parts)
    }
  }

  #userTurn(): UserTurn {
    let turn = this.#turns.at(-1)
    if (turn?.role !== 'user') {
      turn = { role: 'user', results: [], said: [] }
      this.#turns.push(turn)
    }
    return turn
  }

  #call({ id, name, arguments: json, extra }: ToolCallPart, where: string): ToolCallPart {
    lostExtra(extra, this.#losses, where)
    const ordinal = this.#calls++
    const { ids } = this.#rules
    let own = id === '' ? hashedId(`${ordinal} ${name}`, ids) : fittingId(id, ids)
    if (this.#usedIds.has(own)) own = hashedId(`${ordinal} ${id}`, ids)
    this.#usedIds.add(own)
    const empty = json.trim() === '' || json.trim() === 'null'
    if (!empty && object(parsed(json)) === undefined) {
      this.#losses.detail('tool arguments that are no JSON object', where)
      return { type: 'tool-call', id: own, name, arguments: JSON.stringify({ arguments: json }) }
    }
    return { type: 'tool-call', id: own, name, arguments: empty ? '{}' : json }
  }

  #result(part: ToolResultPart, turn: UserTurn, where: string): void {
    const at = this.#waiting.findIndex(
      ({ id, call }) =>
        id === part.id && (id !== '' || part.name === undefined || part.name === call.name),
    )
    lostExtra(part.extra, this.#losses, where)
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
    const parts = part.parts.flatMap((inner) => this.#said(inner, where))
    if (waiting === undefined) {
      this.#losses.detail('tool result without call', where)
      turn.said.push({ type: 'text', text: `Result of ${part.name ?? 'a tool'}:` }, ...parts)
      return
    }
    const { resultMedia, errorFlag, resultNames } = this.#rules
    const { id, name } = waiting.call
    const media = resultMedia ? [] : parts.filter(({ type }) => type === 'media')
    if (media.length > 0) {
      this.#losses.detail('media in a tool result', where)
      turn.said.push({ type: 'text', text: `From the result of ${name} (${id}):` }, ...media)
    }
    if (part.isError === true && !errorFlag)
      this.#losses.detail('error mark of a tool result', where)
    this.#answer(waiting.turn, {
      type: 'tool-result',
      id,
      ...(resultNames ? { name } : {}),
      parts: media.length > 0 ? parts.filter(({ type }) => type !== 'media') : parts,
      ...(part.isError === true && errorFlag ? { isError: true } : {}),
    })
  }

  /** Puts a result where it belongs: at the beginning of the turn after the one that called. */
  #answer(turn: number, result: ToolResultPart): void {
    let after = this.#turns[turn + 1]
    if (after === undefined) {
      after = { role: 'user', results: [], said: [] }
      this.#turns.push(after)
    }
    if (after.role === 'user') after.results.push(result)
  }

  /** What a user or a tool says. */
  #said(part: Part, where: string): Part[] {
    switch (part.type) {
      case 'text':
        return this.#text(part, where)
      case 'media': {
        const fit = this.#rules.media(part, this.#losses, where)
        return fit === undefined ? [] : [fit]
      }
      default:
        this.#dropped(part, where)
        return []
    }
  }

  #text({ text: said, extra }: TextPart, where: string): Part[] {
    lostExtra(extra, this.#losses, where)
    return said.trim() === '' ? [] : [{ type: 'text', text: said }]
  }

  #dropped(part: Part, where: string): void {
    if (part.type !== 'other') {
      this.#losses.meaning(
        part.type === 'media' ? `${part.kind} of the assistant` : part.type,
        where,
      )
      return
    }
    const value = object(part.value)
    const name = text(value?.['type']) || (Object.keys(value ?? {})[0] ?? 'content')
    this.#losses.meaning(name, where)
  }

  #messagesOf(turn: AssistantTurn | UserTurn): Message[] {
    if (turn.role === 'assistant') {
      return turn.parts.length === 0 ? [] : [{ role: 'assistant', parts: turn.parts }]
    }
    const messages: Message[] = []
    let parts: Part[] = this.#inOrderOfCalls(turn)
    const flush = (): void => {
      if (parts.length === 0) return
      const onlyResults = parts.every(({ type }) => type === 'tool-result')
      messages.push({ role: onlyResults ? 'tool' : 'user', parts })
      parts = []
    }
    for (const piece of turn.said) {
      if ('system' in piece) {
        flush()
        messages.push(piece.system)
      } else parts.push(piece)
    }
    flush()
    return messages
  }

  #inOrderOfCalls(turn: UserTurn): ToolResultPart[] {
    const before = this.#turns[this.#turns.indexOf(turn) - 1]
    if (before?.role !== 'assistant') return turn.results
    const order = new Map(before.calls.map(({ id }, at) => [id, at]))
    return turn.results.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
  }

  #ends(messages: Message[]): Message[] {
    const last = messages.at(-1)
    if (last?.role === 'assistant')
      this.#losses.meaning('answer begun by the application', 'messages')
    if (!this.#rules.userFirstAndLast && messages.length > 0) return messages
    const fillIn: Message = { role: 'user', parts: [filler] }
    if (messages[0]?.role !== 'user') {
      this.#losses.detail('no word of the user at the beginning', 'messages')
      messages.unshift(fillIn)
    }
    if (last?.role === 'assistant') messages.push(fillIn)
    return messages
  }
}

/** System messages keep their place in the conversation, as the user's with a role of their own. */
function isSystem({ extra }: Message): boolean {
  return extra?.['role'] === 'system' || extra?.['role'] === 'developer'
}

/** A turn of which nothing is left leaves two turns of the other side. */
function joined(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const before = joined.at(-1)
    const same = before !== undefined && speaker(before) === speaker(message)
    if (!same) joined.push(message)
    else
      joined[joined.length - 1] = {
        ...before,
        role: message.role,
        parts: [...before.parts, ...message.parts],
      }
  }
  return joined
}

function speaker({ role, extra }: Message): unknown {
  return extra?.['role'] ?? (role === 'tool' ? 'user' : role)
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
