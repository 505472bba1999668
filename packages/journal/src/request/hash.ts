import { hash } from 'node:crypto'

/** SHA-256 as 43 characters. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}
