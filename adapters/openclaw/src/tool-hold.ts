import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import { currentTurn } from './turn.ts'
import type { Turn } from './turn.ts'

type Execute = (this: unknown, callId: unknown, params: unknown, ...rest: unknown[]) => unknown

/** A tool as OpenClaw and its plugins make them. */
interface Tool {
  readonly name?: unknown
  readonly description?: unknown
  readonly parameters?: unknown
  execute: Execute
}

/** On an `execute` that goes through Holdfast. */
const held = Symbol.for('holdfast.openclaw-execute')

/** One of a turn. Models count their calls, and a turn may begin where a tool of another one has left it. */
interface Execution {
  readonly turn: Turn | undefined
  readonly name: string
  readonly callId: unknown
}

/** The executions under way: a tool is wrapped several times, and what wraps may be held as what is wrapped. */
const running = new AsyncLocalStorage<Execution>()

/** Takes hold of tools. */
export class ToolHold {
  readonly #host: AdapterHost

  constructor(host: AdapterHost) {
    this.#host = host
  }

  /** From now on the tool runs through the host, for whoever calls it. */
  take(value: unknown): void {
    if (!isTool(value) || held in value.execute) return
    const writable = Object.getOwnPropertyDescriptor(value, 'execute')?.writable
    if (writable === false || (writable === undefined && !Object.isExtensible(value))) return
    value.execute = Object.assign(this.#through(value, value.execute), { [held]: true })
  }

  #through(tool: Tool, original: Execute): Execute {
    const host = this.#host
    const name = typeof tool.name === 'string' ? tool.name : 'tool'
    return function execute(callId, params, ...rest) {
      const execution = { turn: currentTurn(), name, callId }
      if (isSame(running.getStore(), execution)) return original.call(this, callId, params, ...rest)
      const start = {
        name,
        arguments: params,
        toolCallId: typeof callId === 'string' ? callId : undefined,
        framework: 'openclaw',
        description: typeof tool.description === 'string' ? tool.description : undefined,
        parameters: tool.parameters,
      }
      const run = (): Promise<unknown> =>
        host.tool(start, (changed) => {
          const given = changed === undefined ? params : changed.arguments
          return running.run(execution, () => original.call(this, callId, given, ...rest))
        })
      return (execution.turn?.tool(run) ?? run()).then(toolResult)
    }
  }
}

function isSame(outer: Execution | undefined, { turn, name, callId }: Execution): boolean {
  return outer?.turn === turn && outer?.name === name && outer.callId === callId
}

function isTool(value: unknown): value is Tool {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { execute?: unknown }).execute === 'function'
  )
}

/** Whoever answers instead of the tool may answer with a text. */
function toolResult(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'content' in value) return value
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return { content: [{ type: 'text', text }], details: {} }
}
