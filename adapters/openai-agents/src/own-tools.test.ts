import type { AdapterHost, ToolStart } from 'holdfast'
import { expect, test } from 'vitest'
import { holdOwnTool } from './own-tools.ts'

const details = { toolCall: { callId: 'call_1' } }

function hostThat(does: AdapterHost['tool']): AdapterHost & { readonly starts: ToolStart[] } {
  const starts: ToolStart[] = []
  return {
    starts,
    reliability: true,
    ownerOf: (object) => object,
    prototypeOf: (exports, name) => (exports[name] as { prototype: object }).prototype,
    patch: () => {},
    run: (_hint, work) => work(),
    runUntil: (_hint, work) => work(),
    runSteps: (_hint, steps) => steps,
    tool: (start, execute) => {
      starts.push(start)
      return does(start, execute)
    },
  }
}

function shellTool() {
  const ran: unknown[] = []
  const shell = {
    async run(action: unknown) {
      ran.push(action)
      return { output: [] as readonly unknown[] }
    },
  }
  return { type: 'shell', name: 'shell', shell, ran }
}

test('a shell is a tool call, as the model wrote it, and its result comes back', async () => {
  const tool = shellTool()
  const host = hostThat(async (_start, execute) => execute())
  const before = Object.getOwnPropertyDescriptors(tool.shell)
  holdOwnTool(tool, details, host)
  const action = { commands: ['ls'], timeoutMs: 100 }
  expect(await tool.shell.run(action)).toEqual({ output: [] })
  expect(tool.ran).toEqual([action])
  expect(host.starts).toMatchObject([
    { name: 'shell', toolCallId: 'call_1', arguments: { commands: ['ls'], timeout_ms: 100 } },
  ])
  expect(Object.getOwnPropertyDescriptors(tool.shell)).toEqual(before)
})

test('a refused command does not run, and the model reads why', async () => {
  const tool = shellTool()
  holdOwnTool(
    tool,
    details,
    hostThat(async () => 'Tool call refused.'),
  )
  const outcome = { type: 'exit', exitCode: 1 }
  expect(await tool.shell.run({ commands: ['rm -rf /'] })).toEqual({
    output: [{ stdout: '', stderr: 'Tool call refused.', outcome }],
  })
  expect(tool.ran).toEqual([])
})

test('commands that a person has changed are what runs', async () => {
  const tool = shellTool()
  const changed = { arguments: { commands: ['ls -l'] } }
  holdOwnTool(
    tool,
    details,
    hostThat(async (_start, execute) => execute(changed)),
  )
  await tool.shell.run({ commands: ['ls'] })
  expect(tool.ran).toMatchObject([{ commands: ['ls -l'] }])
})

test('a patch is a tool call, and a refused one fails', async () => {
  const operation = { type: 'delete_file', path: 'README.md' }
  const ran: unknown[] = []
  const editor = { deleteFile: async (asked: unknown) => void ran.push(asked) }
  const tool = { type: 'apply_patch', name: 'apply_patch', editor }
  const host = hostThat(async () => 'Tool call refused.')
  holdOwnTool(tool, undefined, host)
  expect(await tool.editor.deleteFile(operation)).toEqual({
    status: 'failed',
    output: 'Tool call refused.',
  })
  expect(ran).toEqual([])
  expect(host.starts).toMatchObject([{ name: 'apply_patch', arguments: operation }])
})
