import type { AdapterHost, RunHint, ToolStart } from 'holdfast'
import { expect, test } from 'vitest'
import { adapter } from './adapter.ts'

type Execute = (callId: string, params: unknown) => Promise<unknown>
interface Tool {
  readonly name: string
  readonly execute: Execute
}
type WrapTool = (tool: Tool) => Tool
type Define = (tools: readonly Tool[]) => Tool[]
interface RunParams {
  readonly runId?: string
  readonly sessionKey?: string
  readonly sessionId?: string
  readonly senderId?: string
  readonly spawnedBy?: string
  readonly abortSignal?: AbortSignal
}
type RunAgent = (params: RunParams) => Promise<unknown>

const [checks, definitions, runs] = adapter.targets

/** The functions that are held, as they are in OpenClaw: each looks at a tool's `execute` and wraps it. */
function heldFunctions(
  does: AdapterHost['tool'] = async (_start, execute) => execute(),
  turn: RunAgent = async () => 'done',
) {
  const starts: ToolStart[] = []
  const hints: RunHint[] = []
  const host: AdapterHost = {
    reliability: true,
    ownerOf: (object) => object,
    prototypeOf: (exports, name) => (exports[name] as { prototype: object }).prototype,
    patch(owner, method, wrap) {
      Reflect.set(owner, method, wrap(Reflect.get(owner, method) as Parameters<typeof wrap>[0]))
    },
    async tool(start, execute) {
      starts.push(start)
      return does(start, execute)
    },
    run(hint, work) {
      hints.push(hint)
      return work()
    },
    runUntil: (_hint, work) => work(),
    runSteps: (_hint, steps) => steps,
  }
  const functions = {
    wrapToolWithBeforeToolCallHook: ((tool) => {
      const { execute } = tool
      return { ...tool, execute: async (callId, params) => execute(callId, params) }
    }) as WrapTool,
    toToolDefinitions: ((tools) =>
      tools.map((tool) => ({
        ...tool,
        execute: async (callId, params) => tool.execute(callId, params),
      }))) as Define,
    runEmbeddedAgent: turn,
  }
  for (const target of [checks, definitions, runs]) target?.attach({}, host, functions)
  return { functions, starts, hints }
}

function readTool() {
  const ran: unknown[] = []
  const tool: Tool = {
    name: 'read',
    async execute(_callId, params) {
      ran.push(params)
      return { content: [{ type: 'text', text: 'hello' }], details: { bytes: 5 } }
    },
  }
  return { tool, ran }
}

test('a tool that is checked and made one of a session is one tool call', async () => {
  const { functions, starts } = heldFunctions()
  const { tool, ran } = readTool()
  const [ready] = functions.toToolDefinitions([functions.wrapToolWithBeforeToolCallHook(tool)])
  expect(await ready?.execute('call_1', { path: 'a' })).toEqual({
    content: [{ type: 'text', text: 'hello' }],
    details: { bytes: 5 },
  })
  expect(ran).toEqual([{ path: 'a' }])
  expect(starts).toMatchObject([
    { name: 'read', arguments: { path: 'a' }, toolCallId: 'call_1', framework: 'openclaw' },
  ])
})

test('so is one that was not checked before, and one that is checked twice', async () => {
  const { functions, starts } = heldFunctions()
  const [plain] = functions.toToolDefinitions([readTool().tool])
  await plain?.execute('call_1', {})
  const { tool } = readTool()
  functions.wrapToolWithBeforeToolCallHook(tool)
  await functions.wrapToolWithBeforeToolCallHook(tool).execute('call_2', {})
  expect(starts.map(({ toolCallId }) => toolCallId)).toEqual(['call_1', 'call_2'])
})

test('a refused tool does not run, and the model reads why', async () => {
  const { functions } = heldFunctions(async () => 'Tool call refused.')
  const { tool, ran } = readTool()
  const held = functions.wrapToolWithBeforeToolCallHook(tool)
  expect(await held.execute('call_1', {})).toEqual({
    content: [{ type: 'text', text: 'Tool call refused.' }],
    details: {},
  })
  expect(ran).toEqual([])
})

test('a tool runs with the arguments that a person has changed', async () => {
  const changed = { arguments: { path: 'b' } }
  const { functions } = heldFunctions(async (_start, execute) => execute(changed))
  const { tool, ran } = readTool()
  await functions.wrapToolWithBeforeToolCallHook(tool).execute('call_1', { path: 'a' })
  expect(ran).toEqual([{ path: 'b' }])
})

test('a turn of an agent is a run, with its session, sender and agent', async () => {
  const { functions, hints } = heldFunctions()
  const sessionKey = 'agent:main:telegram:7'
  await functions.runEmbeddedAgent({ runId: 'r1', sessionKey, sessionId: 's1', senderId: '7' })
  expect(hints).toEqual([
    { key: 'openclaw r1', session: sessionKey, user: '7', agent: 'main', apart: false },
  ])
})

test('a turn that begins where another one is, is no part of it, but that of a sub-agent is', async () => {
  const { functions, hints } = heldFunctions(undefined, async ({ runId }) => {
    if (runId !== 'around') return
    await functions.runEmbeddedAgent({ sessionKey: 'agent:main:a' })
    await functions.runEmbeddedAgent({ sessionKey: 'agent:main:a:topic:5' })
    await functions.runEmbeddedAgent({ sessionKey: 'agent:x:b', spawnedBy: 'agent:x:c' })
    await functions.runEmbeddedAgent({ sessionKey: 'agent:x:sub', spawnedBy: 'agent:main:a' })
    await functions.runEmbeddedAgent({ sessionKey: 'agent:main:a:active-memory:1' })
  })
  await functions.runEmbeddedAgent({ runId: 'around', sessionKey: 'agent:main:a' })
  expect(hints.map(({ session, apart }) => [session, apart])).toEqual([
    ['agent:main:a', false],
    ['agent:main:a', true],
    ['agent:main:a:topic:5', true],
    ['agent:x:b', true],
    ['agent:x:sub', false],
    ['agent:main:a:active-memory:1', false],
  ])
})

test('a tool is called in a turn that begins within one of the same name and the same id', async () => {
  const { functions, starts } = heldFunctions(undefined, async ({ sessionKey }) => {
    const { tool } = readTool()
    const execute: Execute = async () =>
      sessionKey === 'a' && (await functions.runEmbeddedAgent({ sessionKey: 'b' }))
    const held = functions.wrapToolWithBeforeToolCallHook({ ...tool, execute })
    await held.execute('functions.read:0', { sessionKey })
  })
  await functions.runEmbeddedAgent({ sessionKey: 'a' })
  expect(starts.map((start) => start.arguments)).toEqual([{ sessionKey: 'a' }, { sessionKey: 'b' }])
})

test('a turn stops where the journal refuses a tool, once no other tool of it works', async () => {
  const inDoubt = Object.assign(new Error('[EFFECT_IN_DOUBT] nobody knows'), {
    isHoldfastError: true,
    code: 'EFFECT_IN_DOUBT',
  })
  let slowToolEnds = (): void => {}
  let turns = 0
  const stopped: boolean[] = []
  const { functions } = heldFunctions(
    async ({ toolCallId }, execute) => {
      if (toolCallId === 'cut off') throw inDoubt
      await new Promise<void>((resolve) => (slowToolEnds = resolve))
      return execute()
    },
    async ({ abortSignal }) => {
      turns++
      const { execute } = functions.wrapToolWithBeforeToolCallHook(readTool().tool)
      const slow = execute('slow', {})
      await execute('cut off', {}).catch(() => {})
      stopped.push(abortSignal?.aborted === true)
      slowToolEnds()
      await slow
      stopped.push(abortSignal?.aborted === true)
      throw inDoubt
    },
  )
  await expect(functions.runEmbeddedAgent({ runId: 'r1' })).rejects.toBe(inDoubt)
  expect(stopped).toEqual([false, true])
  // OpenClaw would ask its next model.
  await expect(functions.runEmbeddedAgent({ runId: 'r1' })).rejects.toBe(inDoubt)
  expect(turns).toBe(1)
})

test('who stops a turn stops it as before', async () => {
  const user = new AbortController()
  const { functions } = heldFunctions(undefined, async ({ abortSignal }) => {
    user.abort()
    return abortSignal?.aborted
  })
  expect(await functions.runEmbeddedAgent({ abortSignal: user.signal })).toBe(true)
})

test('files that were loaded before Holdfast are named, with what to do', () => {
  expect(() => runs?.attach({}, {} as AdapterHost)).toThrow('NODE_OPTIONS="--import holdfast/auto"')
})
