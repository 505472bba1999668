import { present } from '@holdfast/core'
import type { MediaPart, Message, Part } from '@holdfast/core'
import { type JsonObject, list, object, parseJson, text } from '../json/json.ts'
import { isObject, Members, type MutableObject } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** The parts of a content. */
export function readParts(content: unknown, originals: Originals): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  const parts = object(content)?.['parts'] ?? content
  return (Array.isArray(parts) ? (parts as unknown[]) : [parts]).flatMap((value) =>
    isObject(value) ? [originals.keep(readPart(value), value)] : [],
  )
}

function readPart(value: JsonObject): Part {
  const members = new Members(value)
  const said = members.string('text')
  if (said !== undefined) {
    if (members.peek('thought') !== true) return { type: 'text', text: said, ...members.extra() }
    members.drop('thought')
    const signature = members.string('thoughtSignature')
    return { type: 'reasoning', text: said, ...present({ signature }), ...members.extra() }
  }
  const call = members.object('functionCall') ?? members.object('function_call')
  if (call !== undefined) {
    return {
      type: 'tool-call',
      id: text(call['id']),
      name: text(call['name']),
      arguments: JSON.stringify(call['args'] ?? {}),
      ...members.extra(),
    }
  }
  const result = members.object('functionResponse') ?? members.object('function_response')
  if (result !== undefined) return readResult(result, members)
  const inline = members.object('inlineData') ?? members.object('inline_data')
  if (inline !== undefined) {
    const mediaType = text(inline['mimeType']) || text(inline['mime_type'])
    const kind = kindOf(mediaType)
    return { type: 'media', kind, mediaType, data: text(inline['data']), ...members.extra() }
  }
  const file = members.object('fileData') ?? members.object('file_data')
  if (file !== undefined) {
    const mediaType = text(file['mimeType']) || text(file['mime_type'])
    const url = text(file['fileUri']) || text(file['file_uri'])
    return {
      type: 'media',
      kind: kindOf(mediaType),
      ...present({ mediaType: mediaType === '' ? undefined : mediaType }),
      url,
      ...members.extra(),
    }
  }
  return { type: 'other', value }
}

/** A tool's answer is an object here: its one text where that is all it says, else the JSON text that it is. */
function readResult(result: JsonObject, members: Members): Part {
  const inner = new Members(result)
  const id = inner.string('id') ?? ''
  const name = inner.string('name') ?? ''
  const media = (inner.list('parts') ?? []).flatMap((part) =>
    isObject(part) ? [readPart(part)] : [],
  )
  const response = object(inner.peek('response')) ?? {}
  inner.drop('response')
  const single = singleText(response)
  const said = single?.text ?? JSON.stringify(response)
  const extra = { ...members.rest, ...inner.rest }
  return {
    type: 'tool-result',
    id,
    name,
    parts: [{ type: 'text', text: said }, ...media],
    ...(single?.name === 'error' ? { isError: true } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}

/** The names under which Google looks for a result, and that of an error. */
const resultNames = new Set(['result', 'output', 'error'])

function singleText(
  response: JsonObject,
): { readonly name: string; readonly text: string } | undefined {
  const [[name, said] = ['', undefined], ...more] = Object.entries(response)
  return more.length === 0 && resultNames.has(name) && typeof said === 'string'
    ? { name, text: said }
    : undefined
}

/** A JSON object as it is, anything else under the name that Google looks for. */
function responseOf(said: string, isError: boolean): JsonObject {
  if (isError) return { error: said }
  const value = object(parseJson(said))
  return value === undefined || singleText(value) !== undefined ? { result: said } : value
}

function kindOf(mediaType: string): MediaPart['kind'] {
  const [kind] = mediaType.split('/')
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}

/** A content in neutral form. A message of nothing but function responses is the tools' message. */
export function readContent(value: unknown, originals: Originals): Message {
  const members = new Members(object(value) ?? {})
  const wireRole = members.string('role')
  const parts = readParts(typeof value === 'string' ? value : members.peek('parts'), originals)
  members.drop('parts')
  const onlyResults = parts.length > 0 && parts.every((part) => part.type === 'tool-result')
  const role = wireRole === 'model' ? 'assistant' : onlyResults ? 'tool' : 'user'
  if (wireRole !== undefined && wireRole !== 'model' && wireRole !== 'user') {
    members.put('role', wireRole)
  }
  return originals.keep({ role, parts, ...members.extra() }, value)
}

/** The message as a content. */
export function writeContent(message: Message, originals: Originals): unknown {
  const original = originals.of(message)
  if (original !== undefined) return original
  return {
    role: message.role === 'assistant' ? 'model' : 'user',
    parts: writeParts(message.parts, originals),
    ...message.extra,
  }
}

/** The parts as the format says them. */
export function writeParts(parts: readonly Part[], originals: Originals): unknown[] {
  return parts.map((part) => originals.of(part) ?? writePart(part))
}

function writePart(part: Part): unknown {
  switch (part.type) {
    case 'text':
      return { text: part.text, ...part.extra }
    case 'refusal':
      return { text: part.text }
    case 'reasoning': {
      const thoughtSignature = part.signature
      return { text: part.text, thought: true, ...present({ thoughtSignature }), ...part.extra }
    }
    case 'tool-call': {
      const args = object(parseJson(part.arguments === '' ? '{}' : part.arguments))
      const call: MutableObject = {
        name: part.name,
        args: args ?? { arguments: part.arguments },
      }
      if (part.id !== '') call['id'] = part.id
      return { functionCall: call, ...part.extra }
    }
    case 'tool-result': {
      const said = part.parts.map((one) => (one.type === 'text' ? one.text : '')).join('')
      const media = part.parts.filter((one) => one.type === 'media')
      const result: MutableObject = {
        name: part.name ?? part.id,
        response: responseOf(said, part.isError === true),
        ...(media.length > 0 ? { parts: media.map(writePart) } : {}),
      }
      if (part.id !== '') result['id'] = part.id
      return { functionResponse: { ...result, ...part.extra } }
    }
    case 'media': {
      const { mediaType: mimeType, url: fileUri, data, extra } = part
      return fileUri === undefined
        ? { inlineData: { mimeType, data }, ...extra }
        : { fileData: present({ mimeType, fileUri }), ...extra }
    }
    default:
      return part.value
  }
}

/** The contents of a request, whose single content may stand without its list. */
export function contentsOf(contents: unknown): readonly unknown[] {
  return contents === undefined || Array.isArray(contents) ? list(contents) : [contents]
}
