import { present } from '@holdfast/core'
import type { MediaPart, Part } from '@holdfast/core'
import { type JsonObject, list, object } from '../json/json.ts'
import { dataUrl, parseDataUrl } from '../request/data-url.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** The parts of an item's content, or of a tool's output. */
export function readContent(content: unknown, originals: Originals): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return list(content).map((value) => originals.keep(readPart(object(value) ?? {}, value), value))
}

function readPart(value: JsonObject, original: unknown): Part {
  const members = new Members(value)
  switch (members.string('type')) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const said = members.string('text')
      if (said === undefined) break
      return { type: 'text', text: said, ...members.extra() }
    }
    case 'refusal':
      return { type: 'refusal', text: members.string('refusal') ?? '' }
    case 'input_image': {
      const url = members.string('image_url')
      const fileId = members.string('file_id')
      if (url === undefined && fileId === undefined) break
      const source = url === undefined ? {} : (parseDataUrl(url) ?? { url })
      return {
        type: 'media',
        kind: 'image',
        ...source,
        ...present({ fileId }),
        ...members.extra(),
      }
    }
    case 'input_file': {
      const data = members.string('file_data')
      return {
        type: 'media',
        kind: 'document',
        ...(data === undefined ? {} : (parseDataUrl(data) ?? { data })),
        ...present({
          url: members.string('file_url'),
          fileId: members.string('file_id'),
          filename: members.string('filename'),
        }),
        ...members.extra(),
      }
    }
    default:
  }
  return { type: 'other', value: original }
}

/** The parts as typed content; what the model said has other names than what it is told. */
export function writeContent(
  parts: readonly Part[],
  speaker: 'input' | 'output',
  originals: Originals,
): unknown {
  const [first] = parts
  if (first === undefined) return speaker === 'input' ? '' : []
  const plain = parts.length === 1 && first.type === 'text' && first.extra === undefined
  if (plain && originals.of(first) === undefined && speaker === 'input') return first.text
  return parts.map((part) => originals.of(part) ?? writePart(part, speaker))
}

function writePart(part: Part, speaker: 'input' | 'output'): unknown {
  switch (part.type) {
    case 'text':
      return { type: `${speaker}_text`, text: part.text, ...part.extra }
    case 'refusal':
      return { type: 'refusal', refusal: part.text }
    case 'media':
      return writeMedia(part)
    case 'other':
      return part.value
    default:
      return { type: `${speaker}_text`, text: JSON.stringify(part) }
  }
}

function writeMedia(part: MediaPart): unknown {
  const { fileId: file_id, filename, url, extra } = part
  if (part.kind === 'image') {
    return {
      type: 'input_image',
      ...present({ image_url: url ?? dataUrl(part), file_id, ...extra }),
    }
  }
  const file_data = part.mediaType === undefined ? part.data : dataUrl(part)
  return {
    type: 'input_file',
    ...present({ file_id, filename, file_data, file_url: url, ...extra }),
  }
}
