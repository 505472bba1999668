import type { ReplyEvent, Usage } from '@holdfast/core'
import { type JsonObject, object, parseJson } from '../json/json.ts'

/** One piece of an answer, put together from its events, in the order in which it began. */
export type Block =
  | { readonly type: 'text' | 'refusal'; readonly choice: number; text: string }
  | {
      readonly type: 'reasoning'
      readonly choice: number
      text: string
      signature: string
      readonly encrypted: string
    }
  | {
      readonly type: 'tool-call'
      readonly choice: number
      readonly index: number
      readonly id: string
      readonly name: string
      arguments: string
    }
  | { readonly type: 'other'; readonly name: string; readonly value: unknown }

/** What the events of a reply come to, as far as they have come. */
export class ReplyContent {
  readonly blocks: Block[] = []
  readonly #finishes = new Map<number, Extract<ReplyEvent, { type: 'finish' }>>()
  id: string | undefined
  model: string | undefined
  usage: Usage | undefined
  error: Extract<ReplyEvent, { type: 'error' }> | undefined

  /** How the choices ended, those that did. */
  get finishes(): readonly Extract<ReplyEvent, { type: 'finish' }>[] {
    return [...this.#finishes.values()]
  }

  /** Takes an event in; returns the block it belongs to. */
  add(event: ReplyEvent): Block | undefined {
    if (event.type === 'message-start') {
      this.id ??= event.id
      this.model ??= event.model
    } else if (event.type === 'usage') this.usage = { ...this.usage, ...event.usage }
    else if (event.type === 'finish') this.#finishes.set(event.choice, event)
    else if (event.type === 'error') this.error ??= event
    else return addTo(this.blocks, event)
    return undefined
  }
}

/** Adds what an event says to the blocks; returns the block it belongs to. */
function addTo(blocks: Block[], event: ReplyEvent): Block | undefined {
  const last = blocks.at(-1)
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta': {
      const type = event.type === 'text-delta' ? 'text' : 'refusal'
      if (last?.type === type && last.choice === event.choice) {
        last.text += event.text
        return last
      }
      return added(blocks, { type, choice: event.choice, text: event.text })
    }
    case 'reasoning-delta': {
      const { choice, text, signature = '', encrypted = '' } = event
      // A signature closes its block; encrypted reasoning is a block of its own.
      const open = last?.type === 'reasoning' && last.choice === choice && last.signature === ''
      if (open && encrypted === '' && last.encrypted === '') {
        last.text += text
        last.signature = signature
        return last
      }
      return added(blocks, { type: 'reasoning', choice, text, signature, encrypted })
    }
    case 'tool-call-start': {
      const { choice, index, id, name } = event
      return added(blocks, { type: 'tool-call', choice, index, id, name, arguments: '' })
    }
    case 'tool-call-delta': {
      const call = blocks.findLast(
        (block) =>
          block.type === 'tool-call' &&
          block.choice === event.choice &&
          block.index === event.index,
      )
      if (call?.type === 'tool-call') call.arguments += event.arguments
      return call
    }
    case 'other-content':
      if (notContent.has(event.name)) return undefined
      return added(blocks, { type: 'other', name: event.name, value: event.value })
    default:
      return undefined
  }
}

/** Said about the content, or while it is made: nothing to write by itself. */
const notContent = new Set(['progress', 'annotation', 'citation'])

function added(blocks: Block[], block: Block): Block {
  blocks.push(block)
  return block
}

/** The arguments of a call as an object; text that is none is kept where it can be read, and is not taken for none. */
export function argumentsOf(json: string): JsonObject {
  return isArguments(json) ? (object(parseJson(json)) ?? {}) : { arguments: json }
}

/** True for arguments that are an object, or not there. */
export function isArguments(json: string): boolean {
  const said = json.trim()
  return said === '' || said === 'null' || object(parseJson(said)) !== undefined
}
