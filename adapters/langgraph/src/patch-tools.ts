import type { AdapterHost, ChangedArguments, ToolStart } from 'holdfast'
import { toolResults } from './tool-results.ts'

interface NamedTool {
  readonly name: string
  readonly description?: unknown
}

type Execute = (this: NamedTool, input: unknown, ...rest: unknown[]) => unknown

/**
 * Every StructuredTool runs through `call`, also Tool, DynamicTool and DynamicStructuredTool, from both ToolNodes and by
 * `invoke`, `batch` and `stream`. Versions that have given `call` up run through `invoke`.
 */
export function patchTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'StructuredTool')
  host.patch<Execute>(prototype, 'call' in prototype ? 'call' : 'invoke', (original) =>
    throughHost(original, host),
  )
}

/** A runnable made a tool by `asTool()` is no StructuredTool. */
export function patchRunnableTools(
  exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
): void {
  host.patch<Execute>(host.prototypeOf(exports, 'RunnableToolLike'), 'invoke', (original) =>
    throughHost(original, host),
  )
}

function throughHost(original: Execute, host: AdapterHost): Execute {
  return function execute(input, ...rest) {
    return host.tool(toolStart(this, input, rest[0]), (changed) =>
      original.call(this, changed === undefined ? input : withArguments(input, changed), ...rest),
    )
  }
}

/** The call as it came, with other arguments. */
function withArguments(input: unknown, changed: ChangedArguments): unknown {
  return isToolCall(input) ? { ...input, args: changed.arguments } : changed.arguments
}

/** A tool call of the model comes as itself, or as its arguments with itself in the config. */
function toolStart(tool: NamedTool, input: unknown, config: unknown): ToolStart {
  const { name } = tool
  const description = typeof tool.description === 'string' ? tool.description : undefined
  const facts = { name, description, framework: 'langgraph' }
  if (isToolCall(input)) {
    const { args, id } = input
    return { ...facts, arguments: args, toolCallId: id, results: toolResults(id) }
  }
  const call = (config as { toolCall?: { id?: unknown } } | undefined)?.toolCall
  const toolCallId = typeof call?.id === 'string' ? call.id : undefined
  return { ...facts, arguments: input, toolCallId, results: toolResults(toolCallId) }
}

function isToolCall(input: unknown): input is { args: unknown; id?: string } {
  return (
    typeof input === 'object' && input !== null && 'type' in input && input.type === 'tool_call'
  )
}
