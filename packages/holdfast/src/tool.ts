import type { InDoubtPolicy } from '@holdfast/core'
import { activeHoldfast } from './instrument.ts'

/** A tool of your own, for code that no adapter covers. */
export interface ToolOptions {
  readonly name: string
  /** What is done where it was cut off by a crash. @default 'ask' */
  readonly inDoubt?: InDoubtPolicy
  /** For the tool gate, which tells from it what the tool may do. */
  readonly description?: string
  /** JSON Schema of what the model may ask for. */
  readonly parameters?: unknown
}

/**
 * The same function, taken through the tool chain whenever it is called: spans, and every tool policy.
 * Its first argument is what the model asked for. While Holdfast is off it is just called.
 * Inside a framework's tool of the same name, whose call is known already, it is just called too.
 */
export function tool<Arguments extends readonly unknown[], Result>(
  options: ToolOptions,
  execute: (...args: Arguments) => Result,
): (...args: Arguments) => Promise<Awaited<Result>> {
  const wrapped = async (...args: Arguments): Promise<Awaited<Result>> => {
    const holdfast = activeHoldfast()
    if (holdfast === undefined) return await execute(...args)
    const start = { ...options, arguments: args[0], framework: 'holdfast' }
    return (await holdfast.tool(start, (changed) => {
      const given = changed === undefined ? args : [changed.arguments, ...args.slice(1)]
      return execute(...(given as unknown as Arguments))
    })) as Awaited<Result>
  }
  Object.defineProperty(wrapped, 'name', { value: execute.name || options.name })
  return wrapped
}
