import { expect, test } from 'vitest'
import { heldTool, isLoose } from './held-tool.ts'
import type { RunTool, Tool } from './held-tool.ts'

type Loose = Tool & { readonly execute: NonNullable<Tool['execute']> }

const asIs: RunTool = (_start, execute) => execute()

async function partsOf(result: unknown): Promise<unknown[]> {
  const parts: unknown[] = []
  for await (const part of result as AsyncIterable<unknown>) parts.push(part)
  return parts
}

const counting: Loose = {
  async *execute(input) {
    yield 'one'
    yield `two of ${(input as { of: number }).of}`
  },
}

test('a tool is told as the model called it, and its own object stays as it is', async () => {
  const starts: unknown[] = []
  class Shovel {
    readonly description = 'Digs.'
    readonly depth = 3
    readonly execute = async function dig(this: Shovel, input: unknown) {
      return [this instanceof Shovel, this.depth, input]
    } as Loose['execute']
  }
  const shovel = Object.freeze(new Shovel())
  const held = heldTool('dig', shovel, (start, execute) => {
    starts.push(start)
    return execute()
  })
  await expect(held.execute?.({ where: 'here' }, { toolCallId: 'call_1' })).resolves.toEqual([
    true,
    3,
    { where: 'here' },
  ])
  expect(starts).toEqual([
    {
      name: 'dig',
      arguments: { where: 'here' },
      toolCallId: 'call_1',
      framework: 'ai-sdk',
      description: 'Digs.',
    },
  ])
  expect([isLoose(shovel), isLoose(held)]).toEqual([true, false])
})

test('a tool that yields parts goes on yielding them, and its last one is the result', async () => {
  let result: unknown
  const held = heldTool('count', counting, async (_start, execute) => (result = await execute()))
  expect(await partsOf(held.execute?.({ of: 2 }))).toEqual(['one', 'two of 2'])
  expect(result).toBe('two of 2')
})

test('who answers instead of such a tool, or changes its answer or its arguments, is heard', async () => {
  const refusing = heldTool('count', counting, async () => 'refused')
  expect(await partsOf(refusing.execute?.({ of: 2 }))).toEqual(['refused'])

  const redacting = heldTool('count', counting, async (_start, execute) => {
    await execute({ arguments: { of: 3 } })
    return 'redacted'
  })
  expect(await partsOf(redacting.execute?.({ of: 2 }))).toEqual(['one', 'two of 3', 'redacted'])
})

test('such a tool fails with its own error', async () => {
  const failing: Loose = {
    async *execute() {
      yield 'one'
      throw new RangeError('too many')
    },
  }
  await expect(partsOf(heldTool('count', failing, asIs).execute?.({}))).rejects.toThrow(
    new RangeError('too many'),
  )
})

test('of an iterable that nobody could see coming, the last part is the result', async () => {
  const plain: Loose = { execute: (input) => counting.execute(input) }
  await expect(heldTool('count', plain, asIs).execute?.({ of: 2 })).resolves.toBe('two of 2')
})
