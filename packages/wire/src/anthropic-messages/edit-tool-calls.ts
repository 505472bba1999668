import type { ToolCallEdit, WireFormat } from '@holdfast/core'
import { type JsonObject, number, object, parseJson, text } from '../json/json.ts'
import { type CallEdits, editedList, editToolCallsWith } from '../reply/edit-reply.ts'

class MessagesEditor {
  readonly #edits: CallEdits
  readonly #open = new Map<number, ToolCallEdit>()

  constructor(edits: CallEdits) {
    this.#edits = edits
  }

  event(event: JsonObject): readonly JsonObject[] | undefined {
    const index = number(event['index']) ?? 0
    switch (event['type']) {
      case 'content_block_start':
        return this.#start(index, event)
      case 'content_block_delta':
        // The arguments of a changed call are written when it ends.
        return isChanged(this.#open.get(index)) ? [] : undefined
      case 'content_block_stop':
        return this.#stop(index, event)
      case 'message_delta': {
        const delta = object(event['delta'])
        return delta && this.#endsWithoutCalls(delta)
          ? [{ ...event, delta: { ...delta, stop_reason: 'end_turn' } }]
          : undefined
      }
      default:
        return undefined
    }
  }

  whole(body: JsonObject): JsonObject {
    const content = editedList(body['content'], (block) => {
      if (block['type'] !== 'tool_use') return undefined
      const { text: said, arguments: json } = this.#edits.take(0, text(block['id']))
      if (said !== undefined) return [{ type: 'text', text: said }]
      return json === undefined ? undefined : [{ ...block, input: parseJson(json) }]
    })
    const end = this.#endsWithoutCalls(body) ? { stop_reason: 'end_turn' } : {}
    return { ...body, content, ...end }
  }

  #start(index: number, event: JsonObject): readonly JsonObject[] | undefined {
    const block = object(event['content_block'])
    if (block?.['type'] !== 'tool_use') return undefined
    const edit = this.#edits.take(0, text(block['id']))
    this.#open.set(index, edit)
    if (edit.text !== undefined) {
      return [
        { ...event, content_block: { type: 'text', text: '' } },
        deltaOf(index, { type: 'text_delta', text: edit.text }),
      ]
    }
    if (edit.arguments === undefined) return undefined
    return [{ ...event, content_block: { ...block, input: {} } }]
  }

  #stop(index: number, event: JsonObject): readonly JsonObject[] | undefined {
    const json = this.#open.get(index)?.arguments
    this.#open.delete(index)
    if (json === undefined) return undefined
    return [deltaOf(index, { type: 'input_json_delta', partial_json: json }), event]
  }

  #endsWithoutCalls(value: JsonObject): boolean {
    return value['stop_reason'] === 'tool_use' && !this.#edits.callsIn(0)
  }
}

function isChanged(edit: ToolCallEdit | undefined): boolean {
  return edit?.text !== undefined || edit?.arguments !== undefined
}

function deltaOf(index: number, delta: JsonObject): JsonObject {
  return { type: 'content_block_delta', index, delta }
}

/** Changes tool calls of a message, whole or in events. */
export const editToolCalls: NonNullable<WireFormat['editToolCalls']> =
  editToolCallsWith(MessagesEditor)
