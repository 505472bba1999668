import type { MemoryAuthor } from '@holdfast/core/memory'
import { scanInjection } from '../../security/injection/injection.ts'
import type { SecretScanner } from '../../security/secrets/scanner.ts'
import { termsOf } from '../recall/terms.ts'

/** Why something is not remembered. */
export type RefusalReason =
  /** It gives orders to a model, as texts do that hijack one. */
  | 'injection'
  | 'secret'
  /** It says nothing that could be found again. */
  | 'junk'
  | 'too-long'
  /** It was recalled before, and is only said again. */
  | 'recalled'
  /** Something newer is known. */
  | 'outdated'

/** The longest text that is one memory. */
export const mostCharacters = 4_000

/** What may be remembered at all, whatever else is known. Undefined where nothing stands against it. */
export async function refusalOf(
  text: string,
  by: MemoryAuthor,
): Promise<RefusalReason | undefined> {
  if (text.length > mostCharacters) return 'too-long'
  if (termsOf(text).length === 0) return 'junk'
  if (isSmallTalk(text)) return 'junk'
  // Found by itself, a question is nothing to keep.
  if ((by === 'rule' || by === 'model') && /[?？]\s*$/.test(text)) return 'junk'
  // What a user says of how answers should be is no attack; the same words from elsewhere may be.
  const source = by === 'user' || by === 'rule' ? 'user' : 'tool-result'
  if (text.includes(memoryMark.open) || text.includes(memoryMark.close)) return 'injection'
  if (scanInjection(text, { source }).action !== 'pass') return 'injection'
  if (saysSecret.test(text)) return 'secret'
  scanner ??= import('../../security/secrets/scanner.ts').then(({ secretScanner }) =>
    secretScanner(),
  )
  if ((await scanner).scan(text).length > 0) return 'secret'
  return undefined
}

/** Somebody tells one in words; what it looks like does not matter then. */
const saysSecret =
  /(?:\b(?:password|passcode|passphrase|passwort|kennwort|pin(?: code| number)?|cvv|api[ _-]?key|access[ _-]?token|secret key|mot de passe|contraseña|senha)\b|密码|密碼|パスワード|暗証番号)\s*(?:\p{L}+ ){0,3}(?:(?:is|are|ist|lautet|est|es|é|è)\b|[:=是は])/iu

let scanner: Promise<SecretScanner> | undefined

function isSmallTalk(text: string): boolean {
  return /^\W*(?:(?:ok|okay|thanks?|thank you|hi|hello|hey|bye|great|cool|sure|nice|good (?:morning|evening|night|job)|danke|hallo|merci|gracias|obrigad[oa]|grazie|谢谢|你好|ありがとう)\W*)+$/i.test(
    text,
  )
}

/** What marks memories in a request, so that nobody takes them for something that was said. */
export const memoryMark = { open: '<holdfast-memory>', close: '</holdfast-memory>' } as const

/** The text without memories that were put into it. */
export function withoutMemories(text: string): string {
  return text.includes(memoryMark.open)
    ? text.replaceAll(/<holdfast-memory>[^]*?(?:<\/holdfast-memory>|$)/g, ' ')
    : text
}
