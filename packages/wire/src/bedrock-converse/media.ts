import { present } from '@holdfast/core'
import type { MediaPart } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { Members, type MutableObject } from '../request/members.ts'

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html (2026-11-21)
const documentTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  html: 'text/html',
  txt: 'text/plain',
  md: 'text/markdown',
}

/** The blocks that hold media, by name. */
export const mediaNames = ['image', 'document', 'video', 'audio'] as const

/** An image, document, video or audio block; undefined where its source has no neutral form. */
export function readMedia(
  kind: (typeof mediaNames)[number],
  value: JsonObject,
): MediaPart | undefined {
  const members = new Members(value)
  const format = members.string('format') ?? ''
  const source = object(members.peek('source'))
  members.drop('source')
  const data = source?.['bytes']
  const url = object(source?.['s3Location'])?.['uri']
  const owner = object(source?.['s3Location'])?.['bucketOwner']
  if (typeof data !== 'string' && (typeof url !== 'string' || owner !== undefined)) return undefined
  const filename = kind === 'document' ? members.string('name') : undefined
  return {
    type: 'media',
    kind,
    mediaType: mediaType(kind, format),
    ...present({ filename }),
    ...(typeof data === 'string' ? { data } : { url: text(url) }),
    ...members.extra(),
  }
}

/** The block for a part; undefined where Bedrock takes no such source. */
export function writeMedia(part: MediaPart): MutableObject | undefined {
  const { kind, data, url, extra, filename, mediaType: type } = part
  if (data === undefined && url?.startsWith('s3://') !== true) return undefined
  const format = formatOf(kind, type, filename)
  if (format === undefined) return undefined
  const source = data === undefined ? { s3Location: { uri: url } } : { bytes: data }
  // Every document has to have a name; only some characters are allowed in it.
  const name = kind === 'document' ? { name: documentName(filename) } : {}
  return { [kind]: { format, ...name, source, ...extra } }
}

function mediaType(kind: string, format: string): string {
  if (format.includes('/')) return format
  if (kind === 'document') return documentTypes[format] ?? `application/${format}`
  return `${kind}/${format}`
}

function formatOf(
  kind: string,
  type: string | undefined,
  filename: string | undefined,
): string | undefined {
  const ending = filename?.split('.').at(-1)?.toLowerCase()
  if (kind !== 'document') return type?.split('/')[1]?.replace('jpg', 'jpeg') ?? ending
  const known = Object.entries(documentTypes).find(([, name]) => name === type)?.[0]
  return known ?? (ending !== undefined && ending in documentTypes ? ending : undefined)
}

// Letters, digits, single spaces, hyphens, parentheses and square brackets.
function documentName(filename = 'document'): string {
  return filename.replaceAll(/[^\p{L}\p{N}\s()[\]-]/gu, '-').replaceAll(/\s+/g, ' ')
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html, …_VideoBlock.html,
// …_AudioBlock.html (2026-11-21)
const formats: Readonly<Record<string, readonly string[]>> = {
  image: ['png', 'jpeg', 'gif', 'webp'],
  video: ['mkv', 'mov', 'mp4', 'webm', 'flv', 'mpeg', 'mpg', 'wmv', 'three_gp'],
  audio: ['mp3', 'opus', 'wav', 'aac', 'flac', 'mp4', 'ogg', 'mkv'],
  document: Object.keys(documentTypes),
}

/** True for media that Bedrock takes: by data, in a format that it knows. */
export function takesMedia({ kind, data, mediaType, filename }: MediaPart): boolean {
  const format = formatOf(kind, mediaType, filename)
  return data !== undefined && format !== undefined && formats[kind]?.includes(format) === true
}
