import type { AdapterHost } from 'holdfast'

export type Run = (...args: unknown[]) => unknown

/** A tool of the SDK, as far as it matters here. */
export interface RunnableTool {
  readonly name?: string
  readonly description?: string
  readonly input_schema?: unknown
  readonly run?: Run
  readonly parse?: (given: unknown) => unknown
}

interface ToolUse {
  readonly id?: unknown
  readonly name?: string
  readonly input?: unknown
}

/** The same object, whose tools go through the host. */
export function withHeldTools<Params extends object>(params: Params, host: AdapterHost): Params {
  const { tools } = params as { readonly tools?: unknown }
  return Array.isArray(tools)
    ? { ...params, tools: tools.map((tool: object) => heldTool(tool, host)) }
    : params
}

/** Each Holdfast has its own. */
const copies = new WeakMap<AdapterHost, WeakMap<object, object>>()
const isCopy = new WeakSet<object>()

/** The same tool, whose `run` goes through the host; any other object as it is. The same tool gives the same copy. */
export function heldTool(tool: object, host: AdapterHost): object {
  if (isCopy.has(tool) || typeof (tool as RunnableTool | null)?.run !== 'function') return tool
  const own = copies.get(host) ?? new WeakMap<object, object>()
  copies.set(host, own)
  const copy = own.get(tool) ?? copyOf(tool, host)
  own.set(tool, copy)
  isCopy.add(copy)
  return copy
}

function copyOf(tool: RunnableTool, host: AdapterHost): object {
  const properties = Object.getOwnPropertyDescriptors(tool) as Record<string, PropertyDescriptor>
  // The tool may be an object of a class with a state that only itself may look at.
  for (const method of ['parse', 'close', 'toJSON'] as const) {
    const own: unknown = Reflect.get(tool, method)
    if (typeof own === 'function') properties[method] = hidden(own.bind(tool))
  }
  properties['run'] = hidden(
    tool.name === undefined
      ? heldToolset(tool, host)
      : heldRun(tool, (...args) => tool.run?.(...args), host),
  )
  return Object.create(Object.getPrototypeOf(tool) as object | null, properties) as object
}

/** None of these is sent to the model. */
function hidden(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: true }
}

/** `run(input, { toolUse })`: the call is told with its input as the model wrote it. */
export function heldRun(tool: RunnableTool, real: Run, host: AdapterHost): Run {
  const { name = '' } = tool
  return function run(input, context, ...rest) {
    const use = usedIn(context)
    return host.tool(
      {
        ...factsOf(use),
        name,
        arguments: use === undefined ? input : use.input,
        description: tool.description,
        parameters: tool.input_schema,
      },
      (changed) => {
        if (changed === undefined) return real.call(tool, input, context, ...rest)
        const { arguments: given } = changed
        const read = tool.parse === undefined ? given : tool.parse(given)
        return real.call(tool, read, context, ...rest)
      },
    )
  }
}

/** A browser or a computer, `run(context, toolUse)`: each of its members is a tool, and answers with a list of blocks. */
function heldToolset(tool: RunnableTool, host: AdapterHost): Run {
  return async function run(context, toolUse, ...rest) {
    const use = toolUse as ToolUse
    const content = await host.tool(
      { ...factsOf(use), name: use.name ?? '', arguments: use.input },
      (changed) =>
        tool.run?.(
          context,
          changed === undefined ? use : { ...use, input: changed.arguments },
          ...rest,
        ),
    )
    return typeof content === 'string' ? [{ type: 'text', text: content }] : content
  }
}

function factsOf(use: ToolUse | undefined): { framework: string; toolCallId: string | undefined } {
  return {
    framework: 'anthropic',
    toolCallId: typeof use?.id === 'string' ? use.id : undefined,
  }
}

function usedIn(context: unknown): ToolUse | undefined {
  const { toolUse, toolUseBlock } = (context ?? {}) as {
    readonly toolUse?: ToolUse
    readonly toolUseBlock?: ToolUse
  }
  return toolUse ?? toolUseBlock
}
