import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint } from 'holdfast'
import { asResult } from './as-result.ts'
import { patchStreams } from './patch-streams.ts'

/** A client, connected to a server or not. */
export interface Client {
  readonly transport?: { readonly sessionId?: unknown } | undefined
}

/** What a server is asked to do. */
export interface Call {
  readonly name: string
  readonly arguments?: unknown
}

/** Runs a call of a server's tool through the tool chain; `execute` is the real thing. */
export type RunTool = (
  client: Client,
  call: Call,
  execute: (call: Call) => Promise<unknown>,
) => Promise<unknown>

interface ListedTool {
  readonly name: string
  readonly description?: string
  readonly inputSchema?: unknown
}

type CallTool = (this: Client, call: Call, ...rest: unknown[]) => Promise<unknown>
type ListTools = (
  this: Client,
  ...args: unknown[]
) => Promise<{ readonly tools: readonly ListedTool[] }>

/** The session of the server that is being called. */
const calling = new AsyncLocalStorage<string>()

/** Who calls a tool of a server outside of any run: the session with that server, where it keeps one. */
export function identify(): RunHint | undefined {
  const session = calling.getStore()
  return session === undefined ? undefined : { session, key: `mcp ${session}` }
}

/** Every tool of every server is called by `callTool`. What its server says of it is known once it was listed. */
export function patchClient(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'Client')
  const listed = new WeakMap<Client, Map<string, ListedTool>>()

  host.patch<ListTools>(
    prototype,
    'listTools',
    (original) =>
      async function listTools(...args) {
        const list = await original.apply(this, args)
        const known = listed.get(this) ?? new Map<string, ListedTool>()
        for (const tool of list.tools) known.set(tool.name, tool)
        listed.set(this, known)
        return list
      },
  )
  const runTool: RunTool = async (client, call, execute) => {
    const { name, arguments: given = {} } = call
    const tool = listed.get(client)?.get(name)
    const start = {
      name,
      arguments: given,
      framework: 'mcp',
      description: tool?.description,
      parameters: tool?.inputSchema,
    }
    let hasRun = false
    const result = await inSession(client, () =>
      host.tool(start, (changed) => {
        hasRun = true
        return execute(changed === undefined ? call : { ...call, ...changed })
      }),
    )
    return hasRun && typeof result === 'object' ? result : asResult(result)
  }
  host.patch<CallTool>(
    prototype,
    'callTool',
    (original) =>
      function callTool(call, ...rest) {
        return runTool(this, call, (asked) => original.call(this, asked, ...rest))
      },
  )
  patchStreams(prototype, host, runTool)
}

function inSession<T>({ transport }: Client, work: () => T): T {
  const session = transport?.sessionId
  return typeof session === 'string' && session !== '' ? calling.run(session, work) : work()
}
