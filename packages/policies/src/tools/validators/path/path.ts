import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path'
import { allowed, decide, type Decision, type Finding } from '../../decision.ts'
import { hiddenCharacterIn } from '../characters.ts'
import { credentialPaths, settingPaths } from './protected-names.ts'

/** Where a tool may read and write. */
export interface PathOptions {
  /** The folder that paths are relative to and must stay in. */
  readonly root: string
  /** More folders that absolute paths may lie in. */
  readonly alsoIn?: readonly string[]
  /** More names that are protected, each matched against the path from the root in lower case, with `/`. */
  readonly protectedNames?: readonly RegExp[]
  /** Names that are protected by default and may be used all the same, in the same form. */
  readonly unprotectedNames?: readonly RegExp[]
}

const longest = 4096
const mostFolders = 100

/**
 * Decides about a path that a tool was given: it must stay below the root after `..`, symbolic links and every
 * decoding that something on the way may do, and must not name a protected file.
 * Whoever opens the file afterwards should open it without following links (`O_NOFOLLOW`).
 */
export function inspectPath(input: string, options: PathOptions): Decision {
  const forms = decodings(input)
  const odd = oddForm(input, forms)
  if (odd !== undefined) return decide([odd])
  const root = resolve(options.root)
  const folders = [root, ...(options.alsoIn ?? []).map((folder) => resolve(folder))]
  for (const form of forms ?? [input]) {
    // Programs take `..` away before they follow links, the system after it: neither may lead out.
    for (const target of [resolve(root, form), followed(root, form)]) {
      const against = target === undefined ? unfollowed : findingAt(target, folders, options)
      if (against !== undefined) return decide([against])
    }
  }
  return allowed
}

const unfollowed: Finding = {
  rule: 'path.link',
  verdict: 'ask',
  reason: 'A symbolic link on the way cannot be followed.',
}

/** What stands against a place, by where it really is and how it is called. */
function findingAt(
  target: string,
  folders: readonly string[],
  options: PathOptions,
): Finding | undefined {
  const root = folders[0] ?? ''
  const realFolders = folders.map((folder) => realPathOf(folder) ?? folder)
  if (![...folders, ...realFolders].some((folder) => contains(folder, target))) {
    return { rule: 'path.outside', verdict: 'deny', reason: `The path leads out of ${root}.` }
  }
  const real = realPathOf(target)
  if (real === undefined) return unfollowed
  if (!realFolders.some((folder) => contains(folder, real))) {
    return {
      rule: 'path.link',
      verdict: 'deny',
      reason: `A symbolic link on the way leads out of ${root}.`,
    }
  }
  const names = [fromFolder([...folders, ...realFolders], target), fromFolder(realFolders, real)]
  for (const name of new Set(names.map((one) => one.toLowerCase()))) {
    if (options.unprotectedNames?.some((pattern) => pattern.test(name)) === true) continue
    if (
      [...credentialPaths, ...protectedNames, ...(options.protectedNames ?? [])].some((pattern) =>
        pattern.test(name),
      )
    ) {
      return {
        rule: 'path.credential',
        verdict: 'ask',
        reason: 'The file may hold keys or passwords, or is protected.',
      }
    }
    if (settingPaths.some((pattern) => pattern.test(name))) {
      return {
        rule: 'path.settings',
        verdict: 'ask',
        reason: 'The file decides what runs later, for people or in CI.',
      }
    }
  }
  return undefined
}

const protectedNames: readonly RegExp[] = [
  /(?:^|\/)\.ht(?:access|passwd)$/,
  /(?:^|\/)web\.config$/,
  /(?:^|\/)\.gitmodules$/,
]

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

function fromFolder(folders: readonly string[], path: string): string {
  const folder = folders.find((one) => contains(one, path))
  return (folder === undefined ? path : relative(folder, path)).replaceAll('\\', '/')
}

/** The real path of the deepest part that exists, with the rest behind it; undefined for a link to nowhere. */
function realPathOf(path: string): string | undefined {
  let existing = path
  for (;;) {
    try {
      return resolve(realpathSync(existing), relative(existing, path))
    } catch {
      if (isLink(existing)) return undefined
      const parent = dirname(existing)
      if (parent === existing) return path
      existing = parent
    }
  }
}

/** Where the system ends up when it walks a path step by step; undefined for a link to nowhere. */
function followed(root: string, path: string): string | undefined {
  let place: string | undefined = isAbsolute(path) ? parse(path).root : root
  for (const step of path.split(/[/\\]/)) {
    if (step === '' || step === '.' || place === undefined) continue
    // Below what does not exist there are no links.
    if (step === '..') place = dirname(place)
    else place = existsSync(place) ? realPathOf(join(place, step)) : join(place, step)
  }
  return place
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

// Characters that look like a slash, a backslash or a dot, and that some systems turn into one.
const lookalikes =
  /[\u2024-\u2026\u2044\u2215\u2216\u2571\u2572\u29f5\u29f8\u29f9\u3002\ufe52\ufe68\uff0e\uff0f\uff3c\uff61]/
const deviceNames = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.[^/]*)?$/i

/** What is wrong with the way a path is written; undefined for a plain one. */
function oddForm(input: string, plain: readonly string[] | undefined): Finding | undefined {
  const finding = (verdict: 'ask' | 'deny', rule: string, reason: string): Finding => ({
    rule,
    verdict,
    reason,
  })
  if (input === '' || input.length > longest)
    return finding('ask', 'path.length', `A path has between 1 and ${longest} characters.`)
  if (separators(input) > mostFolders) {
    return finding('ask', 'path.length', `A path has at most ${mostFolders} folders.`)
  }
  if (input.includes('\0')) return finding('deny', 'path.nul', 'The path holds a NUL character.')
  if (hiddenCharacterIn(input) !== undefined || /[\t\n\r]/.test(input))
    return finding('ask', 'path.hidden-character', 'The path holds an invisible character.')
  if (lookalikes.test(input))
    return finding(
      'ask',
      'path.lookalike',
      'The path holds a character that looks like a slash or a dot.',
    )
  if (/^[A-Za-z][\w+.-]*:\/\//.test(input)) return finding('deny', 'path.url', 'A path is no URL.')
  if (plain === undefined)
    return finding('ask', 'path.encoding', 'The path is encoded in a way that no tool needs.')
  for (const form of plain) {
    if (form.includes('\0'))
      return finding('deny', 'path.nul', 'The path holds an encoded NUL character.')
    if (
      form !== input &&
      (hiddenCharacterIn(form) !== undefined ||
        lookalikes.test(form) ||
        (/[/\\]/.test(form) && separators(form) !== separators(input)))
    ) {
      return finding('deny', 'path.encoding', 'The path holds an encoded separator.')
    }
    const wrong = oddSegments(form, form !== input)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function separators(text: string): number {
  return text.match(/[/\\]/g)?.length ?? 0
}

function oddSegments(path: string, decoded: boolean): Finding | undefined {
  const finding = (verdict: 'ask' | 'deny', rule: string, reason: string): Finding => ({
    rule,
    verdict,
    reason,
  })
  if (path.startsWith('~'))
    return finding('ask', 'path.home', 'The path begins with ~; write it from the root.')
  if (/\$(?:\w|\{|\()|%[A-Za-z_]\w*%|`/.test(path))
    return finding('ask', 'path.variable', 'The path holds a variable.')
  if (process.platform === 'win32' ? /^\\\\|^\/\/|^[\\/]{2}[.?]/.test(path) : path.includes('\\')) {
    return finding('deny', 'path.windows', 'The path is written in the way of another system.')
  }
  if (path.startsWith('//'))
    return finding('deny', 'path.windows', 'A path does not begin with two slashes.')
  if (/^[A-Za-z]:/.test(path) && process.platform === 'win32') return undefined
  for (const segment of path.split(/[/\\]/)) {
    if (segment.includes(':'))
      return finding(
        'ask',
        'path.windows',
        'A name with a colon means a drive or a hidden stream on some systems.',
      )
    if (deviceNames.test(segment))
      return finding('ask', 'path.device', `${segment} is a device on some systems.`)
    if (/^\.{3,}$|^\.{1,2}[; ]|^\.\.(?:2f|5c|0x)/i.test(segment))
      return finding(
        'ask',
        'path.traversal',
        'A name of dots means a parent folder on some systems.',
      )
    if (decoded && segment === '..')
      return finding('deny', 'path.encoding', 'The path holds an encoded parent folder.')
    if (/[. ]$/.test(segment) && !/^\.{1,2}$/.test(segment))
      return finding(
        'ask',
        'path.traversal',
        'A name that ends in a dot or a space is another name on some systems.',
      )
  }
  return undefined
}

/** All that a path may become where something on the way decodes it; undefined where it is encoded to deceive. */
function decodings(input: string): readonly string[] | undefined {
  const forms = [input]
  let text = input
  for (let round = 0; round < 4; round++) {
    if (
      /%u[\da-f]{4}|%(?:c[01]|e0%80|f0%80|f8%80|fc%80)|%%|%25(?:%|c[01]|u)|&(?:#|\w+;)/i.test(text)
    )
      return undefined
    if (/(?:0x2e|0x2f|0x5c|\\x2e|\\x2f|\\u00)/i.test(text)) return undefined
    const next = text.replace(/%([\da-f]{2})/gi, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (next === text) return forms
    forms.push(next)
    text = next
  }
  return undefined
}
