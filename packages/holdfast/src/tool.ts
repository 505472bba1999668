import { activeHoldfast } from './instrument.ts'

/** A tool of your own, for code that no adapter covers. */
export interface ToolOptions {
  readonly name: string
}

/**
 * The same function, taken through the tool chain whenever it is called: spans, and every tool policy.
 * Its first argument is what the model asked for. While Holdfast is off it is just called.
 * Inside a framework's tool of the same name, whose call is known already, it is just called too.
 */
export function tool<Arguments extends readonly unknown[], Result>(
  { name }: ToolOptions,
  execute: (...args: Arguments) => Result,
): (...args: Arguments) => Promise<Awaited<Result>> {
  const wrapped = async (...args: Arguments): Promise<Awaited<Result>> => {
    const holdfast = activeHoldfast()
    if (holdfast === undefined) return await execute(...args)
    const start = { name, arguments: args[0], framework: 'holdfast' }
    return (await holdfast.tool(start, () => execute(...args))) as Awaited<Result>
  }
  Object.defineProperty(wrapped, 'name', { value: execute.name || name })
  return wrapped
}
