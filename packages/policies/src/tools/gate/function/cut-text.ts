/** The beginning of a text that fits, with a note of what is missing. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text
  const bytes = Buffer.from(text)
  let end = Math.max(0, maxBytes)
  // Not in the middle of a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const kept = bytes.subarray(0, end).toString()
  return `${kept}\n[Cut off here: ${end} of ${bytes.length} bytes are shown. Ask for a smaller part to see the rest.]`
}
