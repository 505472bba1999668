import { present } from '@holdfast/core'
import type { MediaPart, TextPart } from '@holdfast/core'

import { lostExtra } from './extras.ts'
import type { Losses } from './losses.ts'

/** Images that every provider takes. */
export const commonImages: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
])

/**
 * The medium without what belongs to one provider; undefined where only that provider can find it.
 * OpenAI's formats say in how much detail an image is looked at.
 */
export function portableMedia(
  part: MediaPart,
  losses: Losses,
  where: string,
  { takesDetail = false }: { readonly takesDetail?: boolean } = {},
): MediaPart | undefined {
  const { kind, mediaType, url, fileId, extra = {} } = part
  const data = part.data && plainBase64(part.data)
  const { detail, title, ...rest } = extra
  const filename = part.filename ?? (typeof title === 'string' ? title : undefined)
  const keepsDetail = takesDetail && kind === 'image' && typeof detail === 'string'
  lostExtra(rest, losses, where)
  if (detail !== undefined && !keepsDetail) losses.detail('image detail', where)
  if (url === undefined && data === undefined) {
    losses.meaning(fileId === undefined ? kind : `${kind} by file id`, where)
    return undefined
  }
  if (url !== undefined && boundToProvider.test(url)) {
    losses.meaning(`${kind} that only its provider can fetch`, where)
    return undefined
  }
  return {
    type: 'media',
    kind,
    ...present({ mediaType: usual(mediaType), url, data, filename }),
    ...(keepsDetail ? { extra: { detail } } : {}),
  }
}

const boundToProvider =
  /^(gs|s3|file|files?_id):|generativelanguage\.googleapis\.com\/|youtube\.com\/|youtu\.be\//

/** Google takes the alphabet for URLs too. */
function plainBase64(data: string): string {
  if (!/[-_]/.test(data)) return data
  const plain = data.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
}

function usual(mediaType: string | undefined): string | undefined {
  return mediaType === 'image/jpg' ? 'image/jpeg' : mediaType?.split(';')[0]?.trim()
}

/** True for documents that are plain text. */
export function isText({ mediaType = '' }: MediaPart): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json'
}

/** A document of text as a text. */
export function asText(part: MediaPart, losses: Losses, where: string): TextPart {
  losses.detail('document, as text', where)
  const said = Buffer.from(part.data ?? '', 'base64').toString('utf8')
  return { type: 'text', text: part.filename === undefined ? said : `${part.filename}:\n${said}` }
}

/** Says that the provider takes no such medium. */
export function refused(part: MediaPart, losses: Losses, where: string): undefined {
  const how = part.url === undefined ? (part.mediaType ?? 'of unknown type') : 'by URL'
  losses.meaning(`${part.kind} ${how}`, where)
}
