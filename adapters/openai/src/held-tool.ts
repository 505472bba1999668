import type { AdapterHost } from 'holdfast'

/** What runs the tools: a conversation under way. */
export interface Runner {
  readonly messages: readonly RunnerMessage[]
  on(event: 'end', listener: () => void): unknown
  done(): Promise<void>
}

interface RunnerMessage {
  readonly tool_calls?: readonly {
    readonly id?: unknown
    readonly function?: { readonly name?: unknown; readonly arguments?: unknown }
  }[]
}

/** Does what the model asked for, with its arguments parsed or, where nobody parses them, as text. */
type Work = (given: unknown, runner: Runner, ...rest: unknown[]) => unknown
type Parse = (text: string) => unknown

interface ToolFunction {
  readonly name?: string
  readonly description?: string
  readonly parameters?: unknown
  readonly function?: Work
  readonly parse?: Parse
}

interface RunnableTool {
  readonly type?: unknown
  readonly function?: ToolFunction
  /** A tool of the SDK's helper for schemas keeps its function and its parser beside the definition. */
  readonly $callback?: Work
  readonly $parseRaw?: Parse
}

/** The arguments as the model wrote them, and as the tool takes them. */
interface Given {
  readonly text: string
  readonly value: unknown
}

/** The same tool, whose function goes through the host; any other object as it is. */
export function heldTool(tool: object, host: AdapterHost): object {
  const { type, function: definition, $callback, $parseRaw } = tool as RunnableTool
  if (type !== 'function' || definition === undefined) return tool
  if ($callback !== undefined) {
    const held = hold({ ...definition, function: $callback, parse: $parseRaw }, host)
    return changed(tool, { $callback: held.function, $parseRaw: held.parse })
  }
  if (typeof definition.function !== 'function') return tool
  // It may go by the name of its function, which is another one now.
  const name = definition.name ?? definition.function.name
  return changed(tool, { function: changed(definition, { name, ...hold(definition, host) }) })
}

type Held = { readonly function: Work; readonly parse?: Parse }

function hold(
  definition: Omit<ToolFunction, 'parse'> & { readonly parse?: Parse | undefined },
  host: AdapterHost,
): Held {
  const { description, parameters, function: work, parse } = definition
  const name = definition.name ?? work?.name ?? ''
  const run = (text: unknown, given: unknown, runner: Runner, rest: unknown[]): unknown =>
    host.tool(
      {
        name,
        arguments: text,
        toolCallId: callId(runner, name, text),
        framework: 'openai',
        description,
        parameters,
      },
      async (other) => {
        if (other === undefined) return work?.(given, runner, ...rest)
        const written = asText(other.arguments)
        return work?.(parse === undefined ? written : await parse(written), runner, ...rest)
      },
    )
  if (typeof parse !== 'function') {
    return { function: (text, runner, ...rest) => run(text, text, runner, rest) }
  }
  // What cannot be parsed is told to the model before the function is asked.
  return {
    parse: async (text): Promise<Given> => ({ text, value: await parse(text) }),
    function: (given, runner, ...rest) => {
      const { text, value } = given as Given
      return run(text, value, runner, rest)
    },
  }
}

/** The id of the call, where only one asks for this. */
function callId(runner: Runner, name: string, text: unknown): string | undefined {
  const calls = runner.messages?.findLast(({ tool_calls }) => tool_calls !== undefined)?.tool_calls
  const [id, another] = (calls ?? [])
    .filter((call) => call.function?.name === name && call.function.arguments === text)
    .map((call) => call.id)
  return typeof id === 'string' && another === undefined ? id : undefined
}

/** JSON text is what it takes, as the model writes it. */
function asText(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}

/** A copy with other members; what is hidden stays hidden. */
function changed(object: object, members: Readonly<Record<string, unknown>>): object {
  const properties = Object.getOwnPropertyDescriptors(object) as Record<string, PropertyDescriptor>
  for (const [name, value] of Object.entries(members)) {
    properties[name] = { enumerable: true, ...properties[name], value }
  }
  return Object.create(Object.getPrototypeOf(object) as object | null, properties) as object
}
