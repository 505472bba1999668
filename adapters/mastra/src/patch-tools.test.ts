import type { AdapterHost, ToolStart } from 'holdfast'
import { expect, test } from 'vitest'
import { patchTools } from './patch-tools.ts'

type Execute = (input: unknown, context?: object) => Promise<unknown>

/** An agent with one tool, patched by a host that writes down what becomes of its calls. */
async function patched(execute: Execute): Promise<{ execute: Execute; ended: unknown[] }> {
  const agent = { convertTools: async () => ({ dig: { description: 'Digs.', execute } }) }
  const ended: unknown[] = []
  const host: AdapterHost = {
    reliability: true,
    ownerOf: (object) => object,
    prototypeOf: (exports, name) => (exports[name] as { prototype: object }).prototype,
    patch(owner, method, wrap) {
      Reflect.set(owner, method, wrap(Reflect.get(owner, method) as Parameters<typeof wrap>[0]))
    },
    run: (_hint, work) => work(),
    runUntil: (_hint, work) => work(),
    runSteps: (_hint, steps) => steps,
    async tool({ results, ...start }: ToolStart, run) {
      try {
        const result = await run()
        ended.push([start, result])
        return result
      } catch (error) {
        ended.push([start, results?.isPause?.(error) === true ? 'paused' : error])
        throw error
      }
    },
  }
  patchTools(agent, host)
  const { dig } = await agent.convertTools()
  return { execute: dig.execute, ended }
}

const start = {
  name: 'dig',
  arguments: { where: 'here' },
  toolCallId: 'call_1',
  framework: 'mastra',
  description: 'Digs.',
}

test('a tool that suspends its agent is paused, and ends as it would', async () => {
  const told: unknown[] = []
  const { execute, ended } = await patched(async (_input, context) => {
    const { suspend } = context as { suspend: (why: string) => Promise<unknown> }
    return suspend('May I?')
  })
  const suspend = async (why: string) => {
    told.push(why)
    return 'waiting'
  }
  await expect(execute({ where: 'here' }, { toolCallId: 'call_1', suspend })).resolves.toBe(
    'waiting',
  )
  expect([told, ended]).toEqual([['May I?'], [[start, 'paused']]])
})

test('so does one that suspends by an error, and one that fails by itself fails', async () => {
  const { execute, ended } = await patched(async (_input, context) => {
    const { suspend } = context as { suspend: () => Promise<unknown> }
    await suspend()
  })
  const suspension = new Error('suspended')
  const suspend = async () => {
    throw suspension
  }
  const context = { toolCallId: 'call_1', suspend }
  await expect(execute({ where: 'here' }, context)).rejects.toBe(suspension)
  expect(ended).toEqual([[start, 'paused']])

  const broken = await patched(async () => {
    throw new RangeError('rock')
  })
  await expect(broken.execute({ where: 'here' }, context)).rejects.toThrow(new RangeError('rock'))
  expect(broken.ended).toEqual([[start, new RangeError('rock')]])
})
