import { randomUUID } from 'node:crypto'
import type { ToolCallEdit, WireFormat } from '@holdfast/core'
import { type JsonObject, number, object, text } from '../json/json.ts'
import { type CallEdits, editedList, editToolCallsWith } from '../reply/edit-reply.ts'
import { hostedToolCall } from './hosted-tool-call.ts'

/** A tool call of the response, known by its place. */
interface Item {
  readonly edit: ToolCallEdit
  /** The message that stands in its place. */
  readonly message: JsonObject | undefined
  written: boolean
}

class ResponsesEditor {
  readonly #edits: CallEdits
  readonly #items = new Map<number, Item>()
  readonly #byCallId = new Map<string, Item>()

  constructor(edits: CallEdits) {
    this.#edits = edits
  }

  event(event: JsonObject): readonly JsonObject[] | undefined {
    const response = object(event['response'])
    if (response !== undefined) {
      return ends.has(text(event['type']))
        ? [{ ...event, response: this.whole(response) }]
        : undefined
    }
    const place = number(event['output_index'])
    if (place === undefined) return undefined
    const item = object(event['item'])
    const before = this.#items.get(place)
    const known = before ?? (item && this.#begin(place, item))
    if (known === undefined) return undefined
    if (known.message !== undefined) {
      return before === undefined ? said(event, place, known.message) : []
    }
    const json = known.edit.arguments
    return json === undefined ? undefined : changed(event, json, known)
  }

  whole(response: JsonObject): JsonObject {
    const output = editedList(response['output'], (item, place) => {
      const known = this.#byCallId.get(text(item['call_id'])) ?? this.#begin(place, item)
      if (known?.message !== undefined) return [known.message]
      const json = known?.edit.arguments
      return json === undefined ? undefined : [withArguments(item, json)]
    })
    return { ...response, output }
  }

  #begin(place: number, item: JsonObject): Item | undefined {
    if (!isCall(item)) return undefined
    const callId = text(item['call_id'])
    const edit = this.#edits.take(0, callId)
    const message = edit.text === undefined ? undefined : messageOf(edit.text)
    const known: Item = { edit, message, written: false }
    this.#items.set(place, known)
    if (callId !== '') this.#byCallId.set(callId, known)
    return known
  }
}

const ends = new Set(['response.completed', 'response.incomplete', 'response.failed'])

function isCall(item: JsonObject): boolean {
  const type = item['type']
  return (
    type === 'function_call' || type === 'custom_tool_call' || hostedToolCall(item) !== undefined
  )
}

function messageOf(words: string): JsonObject {
  const part = { type: 'output_text', text: words, annotations: [], logprobs: [] }
  const id = `msg_${randomUUID().replaceAll('-', '')}`
  return { id, type: 'message', role: 'assistant', status: 'completed', content: [part] }
}

/** A message from its beginning to its end. */
function said(event: JsonObject, output_index: number, message: JsonObject): JsonObject[] {
  const [part = {}] = message['content'] as JsonObject[]
  const item_id = message['id']
  const sequence_number = event['sequence_number']
  const place = { sequence_number, item_id, output_index, content_index: 0 }
  const words = part['text']
  return [
    {
      type: 'response.output_item.added',
      sequence_number,
      output_index,
      item: { ...message, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...place, delta: words, logprobs: [] },
    { type: 'response.output_text.done', ...place, text: words, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', sequence_number, output_index, item: message },
  ]
}

/** An event of a call that is called with other arguments: the first piece says all of them. */
function changed(event: JsonObject, json: string, known: Item): readonly JsonObject[] | undefined {
  switch (event['type']) {
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta': {
      if (known.written) return []
      known.written = true
      return [{ ...event, delta: json }]
    }
    case 'response.function_call_arguments.done':
      return [{ ...event, arguments: json }]
    case 'response.custom_tool_call_input.done':
      return [{ ...event, input: json }]
    case 'response.output_item.done': {
      const item = object(event['item'])
      return item && [{ ...event, item: withArguments(item, json) }]
    }
    default:
      return undefined
  }
}

function withArguments(item: JsonObject, json: string): JsonObject {
  if (item['type'] === 'function_call') return { ...item, arguments: json }
  return item['type'] === 'custom_tool_call' ? { ...item, input: json } : item
}

/** Changes tool calls of a response, whole or in events. */
export const editToolCalls: NonNullable<WireFormat['editToolCalls']> =
  editToolCallsWith(ResponsesEditor)
