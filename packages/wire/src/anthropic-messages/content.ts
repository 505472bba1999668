import { present } from '@holdfast/core'
import type { MediaPart, Part } from '@holdfast/core'
import { type JsonObject, list, object, parseJson, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** The parts of a content: a string, or a list of blocks. */
export function readContent(content: unknown, originals: Originals): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return list(content).map((value) =>
    originals.keep(readBlock(object(value) ?? {}, value, originals), value),
  )
}

function readBlock(value: JsonObject, original: unknown, originals: Originals): Part {
  const members = new Members(value)
  const type = members.string('type')
  switch (type) {
    case 'text': {
      const said = members.string('text')
      if (said === undefined) break
      return { type: 'text', text: said, ...members.extra() }
    }
    case 'thinking':
      return {
        type: 'reasoning',
        text: members.string('thinking') ?? '',
        ...present({ signature: members.string('signature') }),
        ...members.extra(),
      }
    case 'redacted_thinking': {
      const encrypted = members.string('data') ?? ''
      return { type: 'reasoning', text: '', encrypted, ...members.extra() }
    }
    case 'tool_use': {
      const input = JSON.stringify(members.peek('input') ?? {})
      members.drop('input')
      const id = members.string('id') ?? ''
      const name = members.string('name') ?? ''
      return { type: 'tool-call', id, name, arguments: input, ...members.extra() }
    }
    case 'tool_result': {
      const parts = readContent(members.peek('content'), originals)
      members.drop('content')
      return {
        type: 'tool-result',
        id: members.string('tool_use_id') ?? '',
        parts,
        ...present({ isError: members.boolean('is_error') }),
        ...members.extra(),
      }
    }
    case 'image':
    case 'document':
      return readMedia(type, members) ?? { type: 'other', value: original }
    default:
  }
  return { type: 'other', value: original }
}

function readMedia(kind: 'image' | 'document', members: Members): MediaPart | undefined {
  const source = members.object('source')
  const base = { type: 'media', kind } as const
  switch (source?.['type']) {
    case 'base64': {
      const media = { mediaType: text(source['media_type']), data: text(source['data']) }
      return { ...base, ...media, ...members.extra() }
    }
    case 'text': {
      const data = Buffer.from(text(source['data'])).toString('base64')
      return { ...base, mediaType: text(source['media_type']), data, ...members.extra() }
    }
    case 'url':
      return { ...base, url: text(source['url']), ...members.extra() }
    case 'file':
      return { ...base, fileId: text(source['file_id']), ...members.extra() }
    default:
      return undefined
  }
}

/** The parts as content: a string where it is plain text, else a list of blocks. */
export function writeContent(parts: readonly Part[], originals: Originals): unknown {
  const [first] = parts
  if (first === undefined) return ''
  const plain = parts.length === 1 && first.type === 'text' && first.extra === undefined
  if (plain && originals.of(first) === undefined) return first.text
  return writeBlocks(parts, originals)
}

/** The parts as a list of blocks. */
export function writeBlocks(parts: readonly Part[], originals: Originals): unknown[] {
  return parts.map((part) => originals.of(part) ?? writeBlock(part, originals))
}

function writeBlock(part: Part, originals: Originals): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...part.extra }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning': {
      if (part.text === '' && part.encrypted !== undefined) {
        return { type: 'redacted_thinking', data: part.encrypted, ...part.extra }
      }
      const { text: thinking, signature } = part
      return { type: 'thinking', thinking, ...present({ signature }), ...part.extra }
    }
    case 'tool-call': {
      const { id, name, extra } = part
      return { type: 'tool_use', id, name, input: inputOf(part.arguments), ...extra }
    }
    case 'tool-result': {
      const content = writeContent(part.parts, originals)
      const is_error = part.isError
      return {
        type: 'tool_result',
        tool_use_id: part.id,
        ...present({ is_error, content: content === '' ? undefined : content }),
        ...part.extra,
      }
    }
    case 'media':
      return writeMedia(part)
    default:
      return part.value
  }
}

/** Arguments have to be an object here; text that is none is kept where the model can read it. */
function inputOf(json: string): JsonObject {
  if (json === '') return {}
  return object(parseJson(json)) ?? { arguments: json }
}

function writeMedia(part: MediaPart): unknown {
  const type = part.kind === 'image' ? 'image' : 'document'
  const { url, fileId, mediaType, data, extra } = part
  if (url !== undefined) return { type, source: { type: 'url', url }, ...extra }
  if (fileId !== undefined) return { type, source: { type: 'file', file_id: fileId }, ...extra }
  if (data !== undefined && mediaType?.startsWith('text/') === true) {
    const said = Buffer.from(data, 'base64').toString('utf8')
    return { type, source: { type: 'text', media_type: mediaType, data: said }, ...extra }
  }
  return { type, source: { type: 'base64', media_type: mediaType, data }, ...extra }
}
