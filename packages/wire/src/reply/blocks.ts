import type { ReplyEvent, Usage } from '@holdfast/core'

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

/** What the events of a reply come to. */
export interface ReplyContent {
  readonly id: string | undefined
  readonly model: string | undefined
  readonly blocks: readonly Block[]
  readonly finishes: readonly Extract<ReplyEvent, { type: 'finish' }>[]
  readonly usage: Usage | undefined
  readonly error: Extract<ReplyEvent, { type: 'error' }> | undefined
}

/** Puts the events of a reply together for writing. */
export function contentOf(events: readonly ReplyEvent[]): ReplyContent {
  const blocks: Block[] = []
  const finishes = new Map<number, Extract<ReplyEvent, { type: 'finish' }>>()
  let id: string | undefined
  let model: string | undefined
  let usage: Usage | undefined
  let error: ReplyContent['error']
  for (const event of events) {
    if (event.type === 'message-start') {
      id ??= event.id
      model ??= event.model
    } else if (event.type === 'usage') usage = { ...usage, ...event.usage }
    else if (event.type === 'finish') finishes.set(event.choice, event)
    else if (event.type === 'error') error ??= event
    else addTo(blocks, event)
  }
  return { id, model, blocks, finishes: [...finishes.values()], usage, error }
}

/** Adds what an event says to the blocks; returns the block it belongs to. */
export function addTo(blocks: Block[], event: ReplyEvent): Block | undefined {
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
const notContent = new Set(['progress', 'annotation'])

function added(blocks: Block[], block: Block): Block {
  blocks.push(block)
  return block
}
