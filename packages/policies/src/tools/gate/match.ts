import type { Run } from '@holdfast/core'
import type { ToolClass } from '../classify/tool-class.ts'
import type { ArgumentPath } from './arguments.ts'
import type { ArgumentMatch, ToolMatch, ToolRule } from './options.ts'

/** True for tools that a rule is about. */
export function matchesTool(match: ToolMatch, tool: string, toolClass: ToolClass): boolean {
  const { tool: names, class: classes } = match
  if (names === undefined && classes === undefined) return true
  if (names !== undefined && !listed(names).some((name) => matchesText(name, tool))) return false
  return classes === undefined || listed(classes).includes(toolClass)
}

/** True where a rule is about this call: its tool, its arguments, and whose it is. */
export function matchesCall(
  rule: ToolRule,
  call: {
    readonly tool: string
    readonly toolClass: ToolClass
    readonly arguments: unknown
    readonly run: Run | undefined
  },
): boolean {
  if (!matchesTool(rule, call.tool, call.toolClass)) return false
  for (const name of identities) {
    const wanted = rule.identity?.[name]
    if (wanted !== undefined && !matchesText(wanted, call.run?.[name] ?? '')) return false
  }
  const { argument } = rule
  return argument === undefined || listed(argument).every((one) => fits(one, call.arguments))
}

/** True where a rule looks at every one of these arguments, or at what they are part of. */
export function looksAt({ argument }: ToolRule, paths: readonly ArgumentPath[]): boolean {
  if (argument === undefined || paths.length === 0) return false
  const looked = listed(argument).map(({ path }) => path.split('.'))
  return paths.every((path) => looked.some((names) => names.every((name, at) => path[at] === name)))
}

const identities = ['tenant', 'user', 'agent', 'session'] as const

function listed<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value]
}

/** True where the text is the pattern, in which `*` stands for anything. */
function matchesText(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const [first = '', ...others] = pattern.split('*')
  if (!text.startsWith(first)) return false
  let at = first.length
  const last = others.pop() ?? ''
  for (const piece of others) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

function fits(match: ArgumentMatch, args: unknown): boolean {
  const { path, equals, oneOf, startsWith, matches, above, below, test } = match
  const value = valueAt(args, path)
  if (value === undefined) return false
  if (equals !== undefined && value !== equals) return false
  if (oneOf !== undefined && !(oneOf as readonly unknown[]).includes(value)) return false
  const isText = typeof value === 'string'
  if (startsWith !== undefined && !(isText && value.startsWith(startsWith))) return false
  if (matches !== undefined && !(isText && new RegExp(matches).test(value))) return false
  const isNumber = typeof value === 'number'
  if (above !== undefined && !(isNumber && value > above)) return false
  if (below !== undefined && !(isNumber && value < below)) return false
  return test === undefined || test(value)
}

function valueAt(args: unknown, path: string): unknown {
  let value = args
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
