import type { Finding } from '../../decision.ts'
import { codeName, hiddenCharacterIn } from '../characters.ts'

// A dash that is none: `rm ‐rf` looks like an option and is not, or becomes one on the way to the shell.
const falseDash = /(?:^|\s)([\u2010-\u2015\u2212\ufe58\ufe63\uff0d])/u

/** What is hidden in the characters of a command that people will be shown; undefined where nothing is. */
export function hiddenCharacter(text: string): Finding | undefined {
  const dash = falseDash.exec(text)?.[1]
  const name = hiddenCharacterIn(text) ?? (dash === undefined ? undefined : codeName(dash))
  if (name === undefined) return undefined
  return {
    rule: 'shell.hidden-character',
    verdict: 'ask',
    reason: `The command holds the character ${name}, which is invisible or looks like another one; write it in plain characters.`,
  }
}
