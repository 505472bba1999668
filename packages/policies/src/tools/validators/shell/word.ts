import type { DoubleQuotedChild, ParsedScript, Word, WordPart } from 'unbash'

/** One argument as the program will see it, as far as that can be known without running anything. */
export interface Argument {
  /** The text after quote removal; an unknown stretch stands as it was written (`$name`). */
  readonly text: string
  /** False where a part of it is only known when the command runs. */
  readonly known: boolean
  /** True where the shell replaces it by file names. */
  readonly glob: boolean
}

/** What a word is resolved with. */
export interface Scope {
  /** The value of a variable that this script sets once and for all; undefined where it is not known. */
  variable(name: string): string | undefined
  /** What a command substitution prints, where that can be told without running it. */
  output(script: ParsedScript): string | undefined
  /** False after the script has changed IFS: nobody knows where words end then. */
  readonly splits: boolean
}

/** A literal argument. */
export function literal(text: string): Argument {
  return { text, known: true, glob: false }
}

interface Piece {
  readonly text: string
  readonly known: boolean
  readonly glob: boolean
  /** Unquoted results of expansions are split at blanks. */
  readonly split: boolean
}

// More alternatives than this come from nobody who types.
const maxBraceWords = 64

/** The arguments that a word becomes: none, one, or several after brace expansion and splitting. */
export function resolveWord(word: Word, scope: Scope): readonly Argument[] {
  const parts = word.parts
  if (parts === undefined) {
    return word.text.startsWith('{') && word.text.includes(',')
      ? braces(word.text)
      : [{ text: word.value, known: true, glob: false }]
  }
  if (parts.some(({ type }) => type === 'BraceExpansion')) {
    const simple = parts.every(({ type }) => type === 'BraceExpansion' || type === 'Literal')
    return simple && !/[$`\\'"]/.test(word.text)
      ? braces(word.text)
      : [{ text: word.text, known: false, glob: false }]
  }
  const pieces = parts.flatMap((part) => piecesOf(part, scope))
  return join(pieces, scope)
}

/** The text of a word in a place where the shell does not split it: assignments, redirections, here-strings. */
export function resolveText(word: Word, scope: Scope): Argument {
  if (word.parts === undefined) return literal(word.value)
  const pieces = word.parts.flatMap((part) => piecesOf(part, scope))
  return {
    text: pieces.map(({ text }) => text).join(''),
    known: pieces.every(({ known }) => known),
    glob: pieces.some(({ glob }) => glob),
  }
}

/** The text of a here-document's body. */
export function resolveParts(
  parts: readonly WordPart[] | undefined,
  text: string,
  scope: Scope,
): Argument {
  if (parts === undefined) return literal(text)
  const pieces = parts.flatMap((part) => piecesOf(part, scope))
  return {
    text: pieces.map((piece) => piece.text).join(''),
    known: pieces.every(({ known }) => known),
    glob: false,
  }
}

function join(pieces: readonly Piece[], scope: Scope): readonly Argument[] {
  const words: Argument[] = []
  let current: { text: string; known: boolean; glob: boolean } | undefined
  for (const piece of pieces) {
    const chunks = piece.split && piece.known ? piece.text.split(/[ \t\n]+/) : [piece.text]
    for (const [index, chunk] of chunks.entries()) {
      if (index > 0 && current !== undefined) {
        words.push(current)
        current = undefined
      }
      if (chunk === '' && piece.split) continue
      current ??= { text: '', known: true, glob: false }
      current.text += chunk
      if (!piece.known || (piece.split && !scope.splits)) current.known = false
      if (piece.glob || (piece.split && /[*?[]/.test(chunk))) current.glob = true
    }
  }
  if (current !== undefined) words.push(current)
  return words
}

function piecesOf(part: WordPart | DoubleQuotedChild, scope: Scope, quoted = false): Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ text: part.value, known: true, glob: false, split: false }]
    case 'DoubleQuoted':
    case 'LocaleString':
      return [
        { text: '', known: true, glob: false, split: false },
        ...part.parts.flatMap((child) => piecesOf(child, scope, true)),
      ]
    case 'Glob':
      return [{ text: part.text, known: true, glob: true, split: false }]
    case 'ExtendedGlob':
      return [{ text: part.text, known: false, glob: true, split: false }]
    case 'SimpleExpansion':
      return [variable(part.text.slice(1), part.text, scope, quoted)]
    case 'ParameterExpansion':
      return part.operation === undefined && part.prefix === undefined && part.index === undefined
        ? [variable(part.parameter, part.text, scope, quoted)]
        : [unknown(part.text, quoted)]
    case 'CommandExpansion': {
      const output = part.script && scope.output(part.script)
      return output === undefined
        ? [unknown(part.text, quoted)]
        : [{ text: output, known: true, glob: false, split: !quoted }]
    }
    case 'ArithmeticExpansion':
      return [{ text: '0', known: true, glob: false, split: false }]
    default:
      return [unknown(part.text, quoted)]
  }
}

function variable(name: string, text: string, scope: Scope, quoted: boolean): Piece {
  if (name === 'IFS' && scope.splits) return { text: ' ', known: true, glob: false, split: !quoted }
  const value = scope.variable(name)
  return value === undefined
    ? unknown(text, quoted)
    : { text: value, known: true, glob: false, split: !quoted }
}

function unknown(text: string, quoted: boolean): Piece {
  return { text, known: false, glob: false, split: !quoted }
}

/** Brace expansion of a word without quotes and expansions. */
function braces(text: string): readonly Argument[] {
  let words = [text]
  for (let round = 0; round < 8; round++) {
    const next = words.flatMap(expandOne)
    if (next.length === words.length && next.every((word, index) => word === words[index])) break
    if (next.length > maxBraceWords) return [{ text, known: false, glob: false }]
    words = next
  }
  return words.map((word) => ({ text: word, known: true, glob: /[*?[]/.test(word) }))
}

function expandOne(word: string): string[] {
  const range = /\{(-?\w+)\.\.(-?\w+)(?:\.\.-?\w+)?\}/.exec(word)
  const list = /\{([^{}]*,[^{}]*)\}/.exec(word)
  if (list !== null) {
    const before = word.slice(0, list.index)
    const after = word.slice(list.index + list[0].length)
    return (list[1] ?? '').split(',').map((choice) => before + choice + after)
  }
  if (range === null) return [word]
  const [whole, first = '', last = ''] = range
  return [first, last].map((end) => word.replace(whole, () => end))
}
