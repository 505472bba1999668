import { hasEffect } from '../classify/tool-class.ts'
import type { KnownTool } from './known-tools.ts'
import type { ArgumentKind } from './options.ts'

/** Where an argument is: the names that lead to it. */
export type ArgumentPath = readonly string[]

/** A text among the arguments, and what it is. */
export interface ArgumentText {
  readonly name: string
  /** The arguments that it is made of. */
  readonly paths: readonly ArgumentPath[]
  readonly kind: ArgumentKind
  readonly text: string
}

/** What the arguments of a call hold. */
export interface ArgumentTexts {
  readonly texts: readonly ArgumentText[]
  /** Nested or long beyond what is looked at. */
  readonly overflow: boolean
}

const mostTexts = 1000
const mostDepth = 12

/** The texts in the arguments of a call, each with what it is: as declared, else by its name and the tool's class. */
export function argumentTexts(tool: KnownTool, args: unknown): ArgumentTexts {
  const texts: ArgumentText[] = []
  let overflow = false
  const add = (name: string, text: string, ...paths: readonly ArgumentPath[]): void => {
    texts.push({ name, paths, kind: kindOf(tool, name, text, args), text })
  }
  /** Words that may be one command, and may be run one by one: those that say more than a word are looked at alone, too. */
  const addEach = (name: string, words: readonly unknown[], path: ArgumentPath): void => {
    for (const [at, word] of words.entries()) {
      if (typeof word !== 'string' || /^(?:|\{\}|;)$/.test(word) || plainWord.test(word)) continue
      overflow ||= texts.length >= mostTexts
      if (overflow) return
      add(name, word, [...path, `${at}`])
    }
  }
  const walk = (value: unknown, name: string, path: ArgumentPath, depth: number): void => {
    if (texts.length >= mostTexts || depth > mostDepth) {
      overflow = true
      return
    }
    if (typeof value === 'string') {
      add(name, value, path)
      // Arguments inside of a text: some frameworks hand them over so.
      const inner = jsonIn(value)
      if (inner !== undefined) walk(inner, name, path, depth + 1)
    } else if (Array.isArray(value)) {
      const list: readonly unknown[] = value
      if (isArgumentList(tool, name, list)) {
        add(name, list.map(quoted).join(' '), path)
        addEach(name, list, path)
      } else for (const [at, one] of list.entries()) walk(one, name, [...path, `${at}`], depth + 1)
    } else if (typeof value === 'object' && value !== null) {
      const command = commandOf(tool, value as Record<string, unknown>)
      if (command !== undefined) {
        add(command.name, command.text, ...command.members.map((member) => [...path, member]))
        addEach(command.name, command.words, [...path, command.members[1]])
      }
      for (const [member, inner] of Object.entries(value)) {
        if (command?.members.includes(member) === true) continue
        walk(inner, member, [...path, member], depth + 1)
      }
    }
  }
  walk(args, 'input', [], 0)
  return { texts, overflow }
}

/** The object or list that a text holds as JSON. */
function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || text.length > 100_000) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names of texts that say how or why, and not what. */
export const explaining: RegExp =
  /^(?:description|explanation|reason|title|purpose|thought|comment|language|lang|runtime|shell|encoding|mode|security_risk|timeout|run_in_background|background|env|env_hash|name|id|session_id)$/

function kindOf(tool: KnownTool, name: string, text: string, args: unknown): ArgumentKind {
  const declared = tool.declaration?.arguments
  if (declared !== undefined && Object.hasOwn(declared, name)) return declared[name] ?? 'text'
  const { toolClass } = tool
  const plain = snake(name)
  const isUrl = /^[a-z][a-z\d+.-]*:\/\//i.test(text.trim())
  if (toolClass === 'exec') {
    const kind = execKind(tool, plain, args)
    if (kind !== undefined) return kind
  }
  if (sqlNames.test(plain) && speaksSql(tool, plain)) return 'sql'
  if (isUrl && (urlNames.test(plain) || pathNames.test(plain) || reachesOut(tool))) return 'url'
  if (urlNames.test(plain) && reachesOut(tool)) return 'url'
  if (formatOf(tool, name) === 'uri') return 'url'
  if (pathNames.test(plain) && isFilePlace(tool, plain)) return 'path'
  return isPathByLooks(tool, plain, text) ? 'path' : 'text'
}

const shellNames =
  /^(?:cmd|commands?|command_?line|shell_?command|bash_?command|bash|argv|terminal_command|keystrokes)$/
const codeNames =
  /^(?:code|source|source_code|python|python_code|javascript|js|program|snippet|expression|script|cell|cell_source)$/
const sqlNames = /^(?:sql|query|queries|statement|statements|sql_query|sql_statement|select|input)$/
const urlNames =
  /(?:^|_)(?:urls?|uris?|href|links?|endpoint|webhook|callback|website|site|page|host|hostname|domain|server|address|target|input)$/
const pathNames =
  /^(?:(?:[a-z]+_)?(?:path|paths|file|files|filename|file_?name|filepath|file_?path|file_paths|dir|directory|directories|folder|folders|cwd|workdir|working_directory)|source|destination|dest|src|dst|attachments?|root)$/

/** Tools of the network and of databases have paths of their own, which are no files. */
function isFilePlace({ toolClass }: KnownTool, name: string): boolean {
  if (toolClass.startsWith('db-')) return false
  return !toolClass.startsWith('network-') || /file|attachment|local/.test(name)
}

/** A path in an argument whose name does not say so: one that climbs, or for tools of files one that starts at the top. */
function isPathByLooks({ toolClass, name: tool }: KnownTool, name: string, text: string): boolean {
  if (toolClass !== 'read-only' && !toolClass.startsWith('file-')) return false
  if (text.length > 1000 || /\s/.test(text) || written.test(name)) return false
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text)) return true
  return /^(?:[\\/]|~[\\/]|[A-Za-z]:[\\/])/.test(text) && ofFiles.test(snake(tool))
}

const ofFiles = /(?:^|_)(?:files?|dirs?|director(?:y|ies)|folders?|documents?)(?:_|$)/
/** Names of what is written into files or looked for in them. */
const written =
  /^(?:content|contents|text|body|data|value|message|query|pattern|search|regex|glob|diff|patch|input|(?:old|new)_.*)$/

/** What an argument of a tool that runs something holds. */
function execKind(tool: KnownTool, name: string, args: unknown): ArgumentKind | undefined {
  if (shellNames.test(name)) return 'shell'
  if (codeNames.test(name)) return languageOf(tool, args) === 'shell' ? 'shell' : 'code'
  // The one argument of a tool that takes a text.
  if (!/^(?:input|query|text|__arg1)$/.test(name)) return undefined
  const language = languageOf(tool, args)
  return language === undefined ? undefined : language === 'shell' ? 'shell' : 'code'
}

/** The language that a tool runs: named among its arguments, else by its own name. */
export function languageOf(
  tool: Pick<KnownTool, 'name'>,
  args: unknown,
): 'shell' | 'python' | 'javascript' | undefined {
  const members = typeof args === 'object' && args !== null ? (args as Record<string, unknown>) : {}
  const named = ['language', 'lang', 'runtime', 'interpreter', 'kernel']
    .map((name) => members[name])
    .find((value) => typeof value === 'string')
  const words = snake(typeof named === 'string' ? named : tool.name)
  if (/(?:^|_)(?:python\d*|py|ipython|jupyter|notebook)(?:_|$)/.test(words)) return 'python'
  if (/(?:^|_)(?:javascript|typescript|node|nodejs|js|ts|deno|bun)(?:_|$)/.test(words)) {
    return 'javascript'
  }
  return /(?:^|_)(?:bash|sh|zsh|shell|terminal|console|command|cmd)(?:_|$)/.test(words)
    ? 'shell'
    : undefined
}

function speaksSql({ toolClass, name, description = '' }: KnownTool, argument: string): boolean {
  if (argument.includes('sql')) return true
  return (
    toolClass.startsWith('db-') ||
    /\bsql\b/i.test(`${snake(name)} ${description}`.replaceAll('_', ' '))
  )
}

function reachesOut({ toolClass, from }: KnownTool): boolean {
  return toolClass.startsWith('network-') || from === 'unknown'
}

function formatOf({ parameters }: KnownTool, name: string): string | undefined {
  const properties = (
    parameters as { properties?: Record<string, { format?: unknown }> } | undefined
  )?.properties
  const own =
    properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
  return typeof own?.format === 'string'
    ? own.format.replace(/^(?:url|uri-reference)$/, 'uri')
    : undefined
}

/** A command that stands as a list of words is one command, not one per word. */
function isArgumentList({ toolClass }: KnownTool, name: string, list: readonly unknown[]): boolean {
  if (toolClass !== 'exec' || !/^(?:cmd|command|argv)$/.test(snake(name))) return false
  return list.length > 0 && list.every((word) => typeof word === 'string')
}

/** A command whose words stand beside it: `{ command: 'rm', args: ['-rf', '/'] }`. */
function commandOf(
  { toolClass }: KnownTool,
  value: Record<string, unknown>,
):
  | {
      readonly name: string
      readonly text: string
      readonly words: readonly unknown[]
      readonly members: readonly [command: string, words: string]
    }
  | undefined {
  if (toolClass !== 'exec') return undefined
  const name = ['command', 'cmd', 'program', 'executable', 'binary'].find(
    (one) => typeof value[one] === 'string',
  )
  const list = ['args', 'arguments', 'argv', 'parameters'].find((one) => Array.isArray(value[one]))
  if (name === undefined || list === undefined) return undefined
  const words = value[list] as unknown[]
  const text = [String(value[name]), ...words.map(quoted)].join(' ')
  return { name: 'command', text, words, members: [name, list] }
}

/** A word that a shell takes as it stands. */
const plainWord = /^[\w@%+=:,./-]+$/

/** A word as a shell takes it literally. */
export function quoted(word: unknown): string {
  const text = typeof word === 'string' ? word : JSON.stringify(word)
  return plainWord.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The name in lower case, its words parted by underscores. */
export function snake(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[\s.-]+/g, '_')
    .toLowerCase()
}

/** True for tools whose arguments are what they do. */
export function runsWhatItIsGiven({ toolClass }: KnownTool): boolean {
  return hasEffect(toolClass) && (toolClass === 'exec' || toolClass.startsWith('db-'))
}
