import { HoldfastError } from '@holdfast/core'
import type { ArgumentPattern } from '@holdfast/core/approvals'

/**
 * A pattern that the given arguments fit: `members` says by name which of the outermost members may differ, and how.
 * @throws HoldfastError OPTIONS_INVALID where they do not fit
 */
export function argumentPattern(
  argumentsText: string,
  members: Readonly<Record<string, string>>,
): ArgumentPattern {
  const pattern = { text: argumentsText, members }
  if (fits(pattern, argumentsText)) return pattern
  throw new HoldfastError(
    'OPTIONS_INVALID',
    'the arguments that were asked about do not fit the pattern themselves: it names outermost members, and each * in it stands for one word',
  )
}

/** True for arguments that are those of the pattern, but for what its members let differ. */
export function fits({ text, members }: ArgumentPattern, argumentsText: string): boolean {
  if (text === argumentsText) {
    const [name] = Object.keys(members)
    if (name === undefined) return true
  }
  const [wanted, given] = [membersOf(text), membersOf(argumentsText)]
  if (wanted === undefined || given === undefined || wanted.size !== given.size) return false
  if (Object.keys(members).some((name) => !wanted.has(name))) return false
  for (const [name, value] of wanted) {
    if (!given.has(name)) return false
    const other = given.get(name)
    const glob = Object.hasOwn(members, name) ? members[name] : undefined
    const fitting =
      glob === undefined
        ? JSON.stringify(value) === JSON.stringify(other)
        : typeof other === 'string' && fitsGlob(glob, other)
    if (!fitting) return false
  }
  return true
}

/** One word: what cannot lead to another folder, command, address or option. */
const word = /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/

function fitsGlob(glob: string, text: string): boolean {
  const [first = '', ...pieces] = glob.split('*')
  const last = pieces.pop()
  if (last === undefined) return text === glob
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const piece of [...pieces, undefined]) {
    // At least one character for each *.
    const next = piece === undefined ? end : text.indexOf(piece, at + 1)
    const gap = next < at ? '' : text.slice(at, next)
    // With its neighbours: two dots may come together where one of them is the pattern's.
    const around = text.slice(Math.max(0, at - 1), next + 1)
    if (!word.test(gap) || around.includes('..')) return false
    at = next + (piece?.length ?? 0)
    if (at > end) return false
  }
  return true
}

function membersOf(text: string): ReadonlyMap<string, unknown> | undefined {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}
