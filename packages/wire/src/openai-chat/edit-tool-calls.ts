import type { ToolCallEdit, WireFormat } from '@holdfast/core'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { type CallEdits, editedList, editToolCallsWith } from '../reply/edit-reply.ts'

interface OpenCall {
  readonly wireIndex: number | undefined
  readonly id: string
  readonly edit: ToolCallEdit
  /** The arguments were written where the call began. */
  written: boolean
}

interface Choice {
  readonly calls: OpenCall[]
  /** Calls that were taken out: the later ones move up. */
  removed: number
}

class ChatEditor {
  readonly #edits: CallEdits
  readonly #choices = new Map<number, Choice>()

  constructor(edits: CallEdits) {
    this.#edits = edits
  }

  event(chunk: JsonObject): readonly JsonObject[] | undefined {
    let changed = false
    const choices = editedList(chunk['choices'], (value) => {
      const edited = this.#choice(value, 'delta')
      changed ||= edited !== undefined
      return edited && [edited]
    })
    return changed ? [{ ...chunk, choices }] : undefined
  }

  whole(body: JsonObject): JsonObject {
    const choices = editedList(body['choices'], (value) => {
      const edited = this.#choice(value, 'message')
      return edited && [edited]
    })
    return { ...body, choices }
  }

  #choice(value: JsonObject, usual: 'delta' | 'message'): JsonObject | undefined {
    const index = number(value['index']) ?? 0
    const other = usual === 'delta' ? 'message' : 'delta'
    const member = object(value[usual]) === undefined ? other : usual
    const message = object(value[member])
    const edited = message && this.#message(index, message, member === 'message')
    const reason = value['finish_reason']
    const called = reason === 'tool_calls' || reason === 'function_call'
    const finish = called && !this.#edits.callsIn(index) ? { finish_reason: 'stop' } : undefined
    if (edited === undefined && finish === undefined) return undefined
    return { ...value, ...(edited && { [member]: edited }), ...finish }
  }

  #message(index: number, message: JsonObject, whole: boolean): JsonObject | undefined {
    const legacy = object(message['function_call'])
    const isCalling = legacy !== undefined || list(message['tool_calls']).length > 0
    if (!isCalling) return undefined
    let said = ''
    const say = (more: string): void => {
      said += more
    }
    const { tool_calls: calls, function_call: _legacy, ...rest } = message
    const standing = editedList(calls, (call, position) =>
      this.#call(index, call, whole ? position : number(call['index']), say),
    )
    const [function_call] =
      legacy === undefined ? [] : this.#call(index, { function: legacy }, -1, say).map(functionOf)
    const content = said === '' ? {} : { content: text(message['content']) + said }
    return {
      ...rest,
      ...content,
      ...(standing.length === 0 ? {} : { tool_calls: standing }),
      ...(function_call === undefined ? {} : { function_call }),
    }
  }

  #call(
    index: number,
    call: JsonObject,
    wireIndex: number | undefined,
    say: (text: string) => void,
  ): readonly JsonObject[] {
    const choice = this.#choiceAt(index)
    let open = openCall(choice.calls, wireIndex, text(call['id']), text(functionOf(call)['name']))
    const begins = open === undefined
    if (open === undefined) {
      const id = text(call['id'])
      // The rest of a call that began before.
      if (id === '' && text(functionOf(call)['name']) === '') return [call]
      open = { wireIndex, id, edit: this.#edits.take(index, id), written: false }
      choice.calls.push(open)
      if (open.edit.text !== undefined) {
        choice.removed++
        say(open.edit.text)
      }
    }
    if (open.edit.text !== undefined) return []
    const { removed } = choice
    const place = number(call['index'])
    const moved =
      place === undefined || removed === 0 ? call : { ...call, index: Math.max(0, place - removed) }
    const json = open.edit.arguments
    if (json === undefined) return [moved]
    if (open.written) return []
    open.written = begins
    const member = object(call['custom']) === undefined ? 'function' : 'custom'
    const written = { [member === 'custom' ? 'input' : 'arguments']: json }
    return [{ ...moved, [member]: { ...functionOf(call), ...written } }]
  }

  #choiceAt(index: number): Choice {
    let choice = this.#choices.get(index)
    if (choice === undefined) this.#choices.set(index, (choice = { calls: [], removed: 0 }))
    return choice
  }
}

function functionOf(call: JsonObject): JsonObject {
  return object(call['function']) ?? object(call['custom']) ?? {}
}

/** The call that a delta continues, told as the reader of replies tells it. */
function openCall(
  calls: readonly OpenCall[],
  wireIndex: number | undefined,
  id: string,
  name: string,
): OpenCall | undefined {
  return calls.findLast((call) => {
    if (wireIndex === undefined) return id === '' ? name === '' : call.id === id
    if (call.wireIndex !== wireIndex) return false
    return id === '' || call.id === '' || id === call.id || name === ''
  })
}

/** Changes tool calls of a chat completion, whole or in chunks. */
export const editToolCalls: NonNullable<WireFormat['editToolCalls']> = editToolCallsWith(ChatEditor)
