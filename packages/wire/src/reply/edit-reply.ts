import type { ToolCallEdit, ToolCallEditFacts, WireFormat } from '@holdfast/core'
import { type JsonObject, list, object, parseJson, text } from '../json/json.ts'
import { bytesOf } from '../sse/write-event.ts'

/** What one format makes of the tool calls of a reply that are to be changed. */
export interface ReplyEditor {
  /** The events that stand in place of one of a stream; undefined where it stays as it came. */
  event(event: JsonObject): readonly JsonObject[] | undefined
  /** The whole body with its changes. */
  whole(body: JsonObject): JsonObject
}

/** `editToolCalls` of a format. */
export function editToolCallsWith(
  Editor: new (edits: CallEdits) => ReplyEditor,
): NonNullable<WireFormat['editToolCalls']> {
  return (bytes, edits, facts) => {
    const editor = new Editor(new CallEdits(edits, facts))
    const source = decoder.decode(bytes)
    if (facts.streaming && !/^\s*[[{]/.test(source)) return bytesOf(editedEvents(source, editor))
    const body = parseJson(source)
    if (Array.isArray(body)) return bytesOf(JSON.stringify(editedElements(body, editor)))
    const whole = object(body)
    return whole === undefined ? bytes : bytesOf(JSON.stringify(editor.whole(whole)))
  }
}

/** The edits that belong to a reply, handed out as its calls begin. */
export class CallEdits {
  readonly #waiting: ToolCallEdit[]
  readonly #choicesWithCalls: Set<number>

  constructor(edits: readonly ToolCallEdit[], { choicesWithCalls }: ToolCallEditFacts) {
    this.#waiting = [...edits]
    this.#choicesWithCalls = new Set(choicesWithCalls)
    for (const { choice, text: said } of edits) {
      if (said === undefined) this.#choicesWithCalls.add(choice)
    }
  }

  /** A call begins: what becomes of it. One that began before these bytes is left alone, where ids tell. */
  take(choice: number, id: string): ToolCallEdit {
    const at = this.#waiting.findIndex((edit) => {
      const { id: own = '' } = edit
      return edit.choice === choice && (own === '' || id === '' || own === id)
    })
    const [edit] = at === -1 ? [] : this.#waiting.splice(at, 1)
    return edit ?? { choice }
  }

  /** True where a call of this choice stands, so that it still ends by calling tools. */
  callsIn(choice: number): boolean {
    return this.#choicesWithCalls.has(choice)
  }
}

const decoder = new TextDecoder()

function editedElements(elements: readonly unknown[], editor: ReplyEditor): unknown[] {
  return elements.flatMap((element): readonly unknown[] => {
    const value = object(element)
    return (value && editor.event(value)) ?? [element]
  })
}

function editedEvents(source: string, editor: ReplyEditor): string {
  let edited = ''
  for (const [event = '', , boundary = ''] of source.matchAll(/([^]+?)(\r\n\r\n|\n\n|\r\r|$)/g)) {
    edited += editedEvent(event, boundary, editor)
  }
  return edited
}

function editedEvent(event: string, boundary: string, editor: ReplyEditor): string {
  const lines = event.split(/\r\n|\n|\r/)
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5))
  const value = data.length === 0 ? undefined : object(parseJson(data.join('\n')))
  const values = value && editor.event(value)
  if (values === undefined) return event
  const isNamed = lines.some((line) => line.startsWith('event:'))
  const lineEnd = boundary.slice(0, boundary.length / 2) || '\n'
  return values
    .map((one) => {
      const name = isNamed ? `event: ${text(one['type'])}${lineEnd}` : ''
      return `${name}data: ${JSON.stringify(one)}${lineEnd}${lineEnd}`
    })
    .join('')
}

/** A list of objects with some of them replaced, left out, or more of them. */
export function editedList(
  value: unknown,
  edit: (element: JsonObject, index: number) => readonly JsonObject[] | undefined,
): unknown[] {
  return list(value).flatMap((element, index): readonly unknown[] => {
    const one = object(element)
    return (one && edit(one, index)) ?? [element]
  })
}
