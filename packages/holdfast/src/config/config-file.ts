import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { HoldfastError } from '@holdfast/core/errors'
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'
import type { OptionProblem } from './check-options.ts'
import type { HoldfastOptions } from '../options.ts'

type Check = (options: unknown) => readonly OptionProblem[]

/**
 * Options from a configuration file. JSON may have comments; a module exports the options as its default.
 * Without `check` they are taken as they are.
 * @throws HoldfastError CONFIG_INVALID with file and line.
 */
export function readConfigFile(path: string, check?: Check): HoldfastOptions {
  return extname(path) === '.json' ? readJson(path, check) : readModule(path, check)
}

function readJson(path: string, check: Check | undefined): HoldfastOptions {
  const text = readFileSync(path, 'utf8')
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined || tree === undefined) {
    const problem =
      first === undefined ? 'the file is empty' : words(printParseErrorCode(first.error))
    throw invalid(path, lineAt(text, first?.offset ?? 0), problem)
  }
  const lineOf = (place: readonly (string | number)[]): number => {
    // The nearest part that exists: an option that is missing has no line of its own.
    for (let length = place.length; length >= 0; length--) {
      const node = findNodeAtLocation(tree, place.slice(0, length))
      if (node !== undefined) return lineAt(text, startOf(node))
    }
    return 1
  }
  return checked(path, getNodeValue(tree), { check, lineOf })
}

function readModule(path: string, check: Check | undefined): HoldfastOptions {
  let exported: unknown
  try {
    exported = createRequire(import.meta.url)(path)
  } catch (error) {
    const place = error instanceof Error ? lineInStack(error, path) : undefined
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw new HoldfastError('CONFIG_INVALID', `${path}${place ?? ''}: ${message}`, { cause: error })
  }
  const value =
    typeof exported === 'object' && exported !== null && 'default' in exported
      ? exported.default
      : exported
  return checked(path, value, { check, lineOf: () => undefined })
}

function checked(
  path: string,
  value: unknown,
  how: {
    readonly check: Check | undefined
    readonly lineOf: (place: readonly (string | number)[]) => number | undefined
  },
): HoldfastOptions {
  const problems = how.check?.(value) ?? []
  const [first] = problems
  if (first === undefined) return value as HoldfastOptions
  throw invalid(path, how.lineOf(first.place), problems.map(({ text }) => text).join('; '))
}

function invalid(path: string, line: number | undefined, problem: string): HoldfastError {
  return new HoldfastError(
    'CONFIG_INVALID',
    `${path}${line === undefined ? '' : `:${line}`}: ${problem}`,
  )
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** Where the member that holds this value begins: its key, not its value. */
function startOf(node: Node): number {
  return node.parent?.type === 'property' ? node.parent.offset : node.offset
}

/** `PropertyNameExpected` -> `property name expected` */
function words(code: string): string {
  return code.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}

function lineInStack(error: Error, path: string): string | undefined {
  const stack = error.stack ?? ''
  const at = stack.indexOf(path)
  if (at < 0) return undefined
  return /^:\d+/.exec(stack.slice(at + path.length))?.[0]
}
