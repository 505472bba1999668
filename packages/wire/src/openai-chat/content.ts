import { present } from '@holdfast/core'
import type { MediaPart, Part } from '@holdfast/core'
import { type JsonObject, list, object, text } from '../json/json.ts'
import { dataUrl, parseDataUrl } from '../request/data-url.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** The parts of a message's content: a string, or a list of typed parts. */
export function readContent(content: unknown, originals: Originals): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return list(content).map((value) => originals.keep(readPart(object(value) ?? {}, value), value))
}

function readPart(value: JsonObject, original: unknown): Part {
  const members = new Members(value)
  const type = members.string('type')
  switch (type) {
    case 'text': {
      const said = members.string('text')
      if (said === undefined) break
      return { type: 'text', text: said, ...members.extra() }
    }
    case 'refusal':
      return { type: 'refusal', text: text(value['refusal']) }
    case 'image_url':
    case 'video_url': {
      const media = new Members(object(value[type]) ?? { url: value[type] })
      const url = media.string('url')
      if (url === undefined) break
      const kind = type === 'image_url' ? 'image' : 'video'
      return { type: 'media', kind, ...(parseDataUrl(url) ?? { url }), ...media.extra() }
    }
    case 'input_audio': {
      const audio = object(value['input_audio'])
      if (typeof audio?.['data'] !== 'string') break
      const mediaType = `audio/${text(audio['format'])}`
      return { type: 'media', kind: 'audio', mediaType, data: audio['data'] }
    }
    case 'file': {
      const file = new Members(object(value['file']) ?? {})
      const data = file.string('file_data')
      return {
        type: 'media',
        kind: 'document',
        ...(data === undefined ? {} : (parseDataUrl(data) ?? { data })),
        ...present({ fileId: file.string('file_id'), filename: file.string('filename') }),
        ...file.extra(),
      }
    }
    case 'thinking': {
      const thinking = list(value['thinking']).map((piece) => text(object(piece)?.['text']))
      return { type: 'reasoning', text: thinking.join('') }
    }
    default:
  }
  return { type: 'other', value: original }
}

/** The parts as content: a string where it is plain text, else a list of typed parts. */
export function writeContent(parts: readonly Part[], originals: Originals): unknown {
  const [first] = parts
  if (first === undefined) return ''
  const plain = parts.length === 1 && first.type === 'text' && first.extra === undefined
  if (plain && originals.of(first) === undefined) return first.text
  return parts.map((part) => originals.of(part) ?? writePart(part))
}

function writePart(part: Part): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...part.extra }
    case 'refusal':
      return { type: 'refusal', refusal: part.text }
    case 'reasoning':
      return { type: 'thinking', thinking: [{ type: 'text', text: part.text }] }
    case 'media':
      return writeMedia(part)
    case 'other':
      return part.value
    default:
      return { type: 'text', text: JSON.stringify(part) }
  }
}

function writeMedia(part: MediaPart): unknown {
  switch (part.kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: part.url ?? dataUrl(part), ...part.extra } }
    case 'video':
      return { type: 'video_url', video_url: { url: part.url ?? dataUrl(part), ...part.extra } }
    case 'audio': {
      const format = part.mediaType?.replace('audio/', '') ?? 'wav'
      return { type: 'input_audio', input_audio: { data: part.data, format } }
    }
    default: {
      const data = part.mediaType === undefined ? part.data : dataUrl(part)
      const { fileId: file_id, filename } = part
      return {
        type: 'file',
        file: present({ file_id, filename, file_data: data, ...part.extra }),
      }
    }
  }
}
