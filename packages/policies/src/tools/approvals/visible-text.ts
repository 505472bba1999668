import { hiddenCharacterIn } from '../validators/characters.ts'

// What the validators let pass because it may stand in a command, and selectors that change nothing one can see.
const alsoHidden = /[\t\n\r\p{Variation_Selector}\p{Cs}]/u

/**
 * The text with every character that a reader cannot see, or that would move what he sees, as an escape like `\u202e`:
 * control characters, marks of direction, blanks without width. JSON stays the same JSON.
 */
export function visibleText(text: string): string {
  // Most texts have none.
  if (/^[ -~]*$/.test(text)) return text
  return Array.from(text, visible).join('')
}

/** Canonical JSON over several lines, with nothing in it that cannot be seen. */
export function visibleArguments(argumentsText: string): string {
  return JSON.stringify(JSON.parse(argumentsText), undefined, 2)
    .split('\n')
    .map(visibleText)
    .join('\n')
}

function visible(character: string): string {
  const isHidden = alsoHidden.test(character) || hiddenCharacterIn(character) !== undefined
  return isHidden ? character.split('').map(escaped).join('') : character
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
