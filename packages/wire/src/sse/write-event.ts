/** One server-sent event with a JSON value. */
export function sseEvent(value: unknown, name?: string): string {
  const data = `data: ${JSON.stringify(value)}\n\n`
  return name === undefined ? data : `event: ${name}\n${data}`
}

/** The text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}

const encoder = new TextEncoder()
