/** About what providers count for an image, or a page of a document, of usual size. */
const usualTokens = 1_000

const mediaTypes = new Set(['image', 'image_url', 'input_image', 'input_file', 'file', 'media'])

/** What a part that is no text counts for; undefined for every other value. */
export function mediaTokens(value: Readonly<Record<string, unknown>>): number | undefined {
  const { type } = value
  const isMedia =
    (typeof type === 'string' && mediaTypes.has(type)) ||
    (type === 'document' && 'source' in value) ||
    ['inlineData', 'inline_data', 'fileData', 'file_data', 'input_audio'].some(
      (name) => typeof value[name] === 'object',
    )
  if (!isMedia) return undefined
  return isLowDetail(value) ? 85 : usualTokens
}

// OpenAI counts 85 tokens for an image in low detail.
// https://platform.openai.com/docs/guides/images-vision (2026-11-21)
function isLowDetail({ detail, image_url, extra }: Readonly<Record<string, unknown>>): boolean {
  const inside = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'detail' in value ? value.detail : undefined
  return [detail, inside(image_url), inside(extra)].includes('low')
}
