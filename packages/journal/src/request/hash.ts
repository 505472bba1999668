import { hash } from 'node:crypto'

/** What stands for a text: itself where it is short, with its length, so that nothing can be mistaken for its end. */
export function digestOf(text: string): string {
  return text.length <= 200 ? `${text.length}:${text}` : hashOf(text)
}

/** SHA-256 as 43 characters. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Its first 132 bits, which nobody finds twice either, as 22 characters. */
export function shortHash(text: string): string {
  return hashOf(text).slice(0, 22)
}
