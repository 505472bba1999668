import type { ToolCallEdit, WireFormat } from '@holdfast/core'
import { type JsonObject, number, object, parseJson, text } from '../json/json.ts'
import { type CallEdits, editedList, editToolCallsWith } from '../reply/edit-reply.ts'

class GeminiEditor {
  readonly #edits: CallEdits
  /** The call of each candidate whose arguments may still arrive in pieces. */
  readonly #open = new Map<number, ToolCallEdit>()

  constructor(edits: CallEdits) {
    this.#edits = edits
  }

  event(chunk: JsonObject): readonly JsonObject[] | undefined {
    const edited = this.whole(chunk)
    return edited === chunk ? undefined : [edited]
  }

  whole(body: JsonObject): JsonObject {
    let changed = false
    const candidates = editedList(body['candidates'], (candidate) => {
      const index = number(candidate['index']) ?? 0
      const content = object(candidate['content'])
      const parts = editedList(content?.['parts'], (part) => {
        const edited = this.#part(index, part)
        changed ||= edited !== undefined
        return edited
      })
      return changed ? [{ ...candidate, content: { ...content, parts } }] : undefined
    })
    return changed ? { ...body, candidates } : body
  }

  #part(candidate: number, part: JsonObject): readonly JsonObject[] | undefined {
    const call = object(part['functionCall'])
    if (call === undefined) return undefined
    const begins = text(call['name']) !== ''
    if (begins) this.#open.set(candidate, this.#edits.take(candidate, text(call['id'])))
    const { text: said, arguments: json } = this.#open.get(candidate) ?? {}
    if (said === undefined && json === undefined) return undefined
    if (!begins) return []
    // The signature of what was thought goes with the part that it came with.
    const { functionCall: _call, ...rest } = part
    if (said !== undefined) return [{ ...rest, text: said }]
    const { willContinue: _more, partialArgs: _pieces, ...whole } = call
    return [{ ...rest, functionCall: { ...whole, args: parseJson(json ?? '{}') } }]
  }
}

/** Changes tool calls of a response of generateContent, whole or in chunks. */
export const editToolCalls: NonNullable<WireFormat['editToolCalls']> =
  editToolCallsWith(GeminiEditor)
