import type { AdapterHost } from 'holdfast'
import { holdOwnTool } from './own-tools.ts'
import type { CallDetails } from './own-tools.ts'
import { replaceOnce } from './replace-once.ts'

type Invoke = (this: unknown, context: unknown, input: unknown, details?: CallDetails) => unknown

interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly description?: string
  readonly parameters?: unknown
  invoke: Invoke
}

type Emit = (this: object, event: string, ...args: unknown[]) => boolean
type GetAllTools = (this: object, ...args: unknown[]) => Promise<unknown[]>

/**
 * Function tools, MCP tools and agents as tools are taken hold of at the moment they start.
 *
 * The SDK knows a tool and what it has parsed for it by the object and by its `invoke`, so neither may be another one
 * while it prepares a call. It announces `agent_tool_start` to the agent as the last thing before it calls
 * `tool.invoke`, in one go: for that one call, `invoke` is replaced.
 */
export function patchTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'Agent')
  host.patch<Emit>(
    prototype,
    'emit',
    (original) =>
      function emit(event, ...args) {
        const heard = original.call(this, event, ...args)
        if (event !== 'agent_tool_start') return heard
        const [, tool, details] = args
        if (isFunctionTool(tool)) holdFunctionTool(tool, host)
        else holdOwnTool(tool, details as CallDetails | undefined, host)
        return heard
      },
  )
  // A frozen tool cannot be taken hold of, so the agent gets an open copy, the same one each time.
  const copies = new WeakMap<FunctionTool, FunctionTool>()
  host.patch<GetAllTools>(
    prototype,
    'getAllTools',
    (original) =>
      async function getAllTools(...args) {
        const tools = await original.apply(this, args)
        return tools.map((tool) => {
          if (!isFunctionTool(tool) || isOpen(tool)) return tool
          const copy = copies.get(tool) ?? openCopy(tool)
          copies.set(tool, copy)
          return copy
        })
      },
  )
}

function holdFunctionTool(tool: FunctionTool, host: AdapterHost): void {
  replaceOnce<Invoke>(tool, 'invoke', (invoke) => (context, input, details) => {
    const callId = details?.toolCall?.callId
    return host.tool(
      {
        name: tool.name,
        arguments: input,
        toolCallId: typeof callId === 'string' ? callId : undefined,
        framework: 'openai-agents',
        description: tool.description,
        parameters: tool.parameters,
      },
      (changed) =>
        invoke.call(
          tool,
          context,
          changed === undefined ? input : asText(changed.arguments),
          details,
        ),
    )
  })
}

/** JSON text is what it takes, as the model writes it. */
function asText(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}

function isFunctionTool(value: unknown): value is FunctionTool {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as FunctionTool).type === 'function' &&
    typeof (value as FunctionTool).invoke === 'function'
  )
}

function isOpen(tool: FunctionTool): boolean {
  const own = Object.getOwnPropertyDescriptor(tool, 'invoke')
  return own === undefined ? Object.isExtensible(tool) : own.configurable === true
}

function openCopy(tool: FunctionTool): FunctionTool {
  const properties = Object.getOwnPropertyDescriptors(tool)
  for (const property of Object.values(properties)) property.configurable = true
  return Object.create(Object.getPrototypeOf(tool) as object | null, properties) as FunctionTool
}
