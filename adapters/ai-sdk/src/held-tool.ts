import type { ToolStart, ChangedArguments } from 'holdfast'
import { outsideOfGeneration } from './generation.ts'

/** A tool as the AI SDK knows it, as far as it matters here. */
export interface Tool {
  readonly description?: unknown
  execute?: Execute
}

type Execute = (
  this: unknown,
  input: unknown,
  options?: { readonly toolCallId?: unknown },
) => unknown

/** How a tool runs through Holdfast. */
export type RunTool = (
  start: ToolStart,
  execute: (changed?: ChangedArguments) => unknown,
) => unknown

/** On functions that run through Holdfast already, whichever copy of it made them. */
const held = Symbol.for('holdfast.ai-sdk.held')

/** True for a tool that runs here and does not run through Holdfast yet. */
export function isLoose(tool: unknown): tool is Tool & { readonly execute: Execute } {
  if (typeof tool !== 'object' || tool === null) return false
  const { execute } = tool as Tool
  return typeof execute === 'function' && !(held in execute)
}

/** The same tool, running through Holdfast. It is another object: the application's own may be frozen, or shared. */
export function heldTool(
  name: string,
  tool: Tool & { readonly execute: Execute },
  runTool: RunTool,
): Tool {
  return Object.create(Object.getPrototypeOf(tool) as object | null, {
    ...Object.getOwnPropertyDescriptors(tool),
    execute: {
      value: heldExecute(name, tool, runTool),
      writable: true,
      enumerable: true,
      configurable: true,
    },
  }) as Tool
}

/** What the tool does, through Holdfast. */
export function heldExecute(
  name: string,
  tool: Tool & { readonly execute: Execute },
  runTool: RunTool,
): Execute {
  const real = tool.execute
  const { description } = tool
  const startOf = (input: unknown, toolCallId: unknown): ToolStart => ({
    name,
    arguments: input,
    toolCallId: typeof toolCallId === 'string' ? toolCallId : undefined,
    framework: 'ai-sdk',
    description: typeof description === 'string' ? description : undefined,
  })
  const execute: Execute = (input, options) => {
    const start = startOf(input, options?.toolCallId)
    const doIt = (changed?: ChangedArguments): unknown =>
      outsideOfGeneration(() =>
        real.call(tool, changed === undefined ? input : changed.arguments, options),
      )
    return isGenerator(real) ? inParts(start, doIt, runTool) : atOnce(start, doIt, runTool)
  }
  return Object.defineProperty(execute, held, { value: true })
}

/** A tool that answers with one value. Where it answers with parts all the same, the last one is the value. */
function atOnce(start: ToolStart, execute: (changed?: ChangedArguments) => unknown, run: RunTool) {
  return run(start, async (changed) => {
    const result = await execute(changed)
    return isIterable(result) ? lastOf(result) : result
  })
}

/** A tool that yields parts while it works; the last one is its result. */
function inParts(
  start: ToolStart,
  execute: (changed?: ChangedArguments) => unknown,
  run: RunTool,
): ReadableStream<unknown> {
  return new ReadableStream({
    async start(parts) {
      let last: unknown
      const result = await run(start, (changed) =>
        lastOf(execute(changed) as AsyncIterable<unknown>, (part) => {
          last = part
          parts.enqueue(part)
        }),
      )
      // Whoever answered instead of the tool, or changed its answer, has the last word.
      if (result !== last) parts.enqueue(result)
      parts.close()
    },
  })
}

async function lastOf(
  parts: AsyncIterable<unknown>,
  each: (part: unknown) => void = () => {},
): Promise<unknown> {
  let last: unknown
  for await (const part of parts) {
    last = part
    each(part)
  }
  return last
}

/** The SDK looks at what a tool returns before it can be asked for, so what it will be has to be seen beforehand. */
function isGenerator(execute: Execute): boolean {
  return Object.prototype.toString.call(execute) === '[object AsyncGeneratorFunction]'
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
