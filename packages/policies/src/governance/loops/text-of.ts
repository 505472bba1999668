import type { Part } from '@holdfast/core'

/** All that some parts say, tool calls aside. */
export function textOf(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        text += part.text
        break
      case 'tool-call':
        break
      case 'tool-result':
        text += textOf(part.parts)
        break
      default:
        text += JSON.stringify(part)
    }
  }
  return text
}
