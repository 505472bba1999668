/** Media type and base64 data of a `data:` URL; undefined for any other URL. */
export function parseDataUrl(
  url: string,
): { readonly mediaType: string; readonly data: string } | undefined {
  if (!url.startsWith('data:')) return undefined
  const comma = url.indexOf(',')
  const head = url.slice(5, comma)
  if (comma < 0 || !head.endsWith(';base64')) return undefined
  return { mediaType: head.slice(0, -';base64'.length), data: url.slice(comma + 1) }
}

/** The `data:` URL of base64 data; undefined where there is none. */
export function dataUrl(media: {
  readonly mediaType?: string
  readonly data?: string
}): string | undefined {
  if (media.data === undefined) return undefined
  return `data:${media.mediaType ?? 'application/octet-stream'};base64,${media.data}`
}
