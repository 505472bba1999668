import type { AdapterHost, ToolStart } from 'holdfast'
import { prototypeOf } from './prototype-of.ts'
import { toolResults } from './tool-results.ts'

interface NamedTool {
  readonly name: string
}

type Execute = (this: NamedTool, input: unknown, ...rest: unknown[]) => unknown

/**
 * Every StructuredTool runs through `call`, also Tool, DynamicTool and DynamicStructuredTool, from both ToolNodes and by
 * `invoke`, `batch` and `stream`. Versions that have given `call` up run through `invoke`.
 */
export function patchTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = prototypeOf(exports, 'StructuredTool')
  host.patch<Execute>(prototype, 'call' in prototype ? 'call' : 'invoke', (original) =>
    throughHost(original, host),
  )
}

/** A runnable made a tool by `asTool()` is no StructuredTool. */
export function patchRunnableTools(
  exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
): void {
  host.patch<Execute>(prototypeOf(exports, 'RunnableToolLike'), 'invoke', (original) =>
    throughHost(original, host),
  )
}

function throughHost(original: Execute, host: AdapterHost): Execute {
  return function execute(input, ...rest) {
    return host.tool(toolStart(this.name, input, rest[0]), () =>
      original.call(this, input, ...rest),
    )
  }
}

/** A tool call of the model comes as itself, or as its arguments with itself in the config. */
function toolStart(name: string, input: unknown, config: unknown): ToolStart {
  const framework = 'langgraph'
  if (isToolCall(input)) {
    const { args, id } = input
    return { name, arguments: args, toolCallId: id, framework, results: toolResults(id) }
  }
  const call = (config as { toolCall?: { id?: unknown } } | undefined)?.toolCall
  const toolCallId = typeof call?.id === 'string' ? call.id : undefined
  return { name, arguments: input, toolCallId, framework, results: toolResults(toolCallId) }
}

function isToolCall(input: unknown): input is { args: unknown; id?: string } {
  return (
    typeof input === 'object' && input !== null && 'type' in input && input.type === 'tool_call'
  )
}
