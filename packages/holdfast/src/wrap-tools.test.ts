import type { ToolCall } from '@holdfast/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { instrument } from './instrument.ts'
import type { Holdfast } from './instrument.ts'
import { wrapTools } from './wrap-tools.ts'

let holdfast: Holdfast
let seen: ToolCall[]

beforeEach(() => {
  seen = []
  holdfast = instrument({
    telemetry: false,
    adapters: false,
    interceptors: {
      tool: [
        async (call, next) => {
          seen.push(call)
          return call.name === 'forbidden' ? { value: 'refused' } : next(call)
        },
      ],
    },
  })
})

afterEach(async () => holdfast.uninstrument())

const names = () => seen.map(({ name }) => name)

test('functions by name, in an object and in a Map', async () => {
  const add = async ({ a, b }: { a: number; b: number }) => a + b
  const tools = wrapTools({ add, forbidden: async () => 'it ran' })
  expect(await tools.add({ a: 1, b: 2 })).toBe(3)
  expect(await tools.forbidden()).toBe('refused')
  const map = wrapTools(new Map([['add', add]]))
  expect(await map.get('add')?.({ a: 2, b: 2 })).toBe(4)
  expect(names()).toEqual(['add', 'forbidden', 'add'])
  expect(seen[0]?.arguments).toEqual({ a: 1, b: 2 })
})

test('tools as objects keep their other members, and say what they do', async () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const weather = {
    name: 'weather',
    description: 'Looks up the weather',
    parameters,
    execute: async (given: { city: string }) => `sunny in ${given.city}`,
  }
  const [held] = wrapTools([weather])
  expect(await held?.execute({ city: 'Oslo' })).toBe('sunny in Oslo')
  expect(held).toMatchObject({ name: 'weather', parameters })
  expect(seen[0]).toMatchObject({
    name: 'weather',
    description: 'Looks up the weather',
    parameters,
  })
  expect(held).not.toBe(weather)
  expect(await weather.execute({ city: 'Bern' })).toBe('sunny in Bern')
  expect(seen).toHaveLength(1)
})

test('an object of a class keeps its private parts, and is still one of its class', async () => {
  class Counter {
    readonly name = 'counter'
    #count = 0
    async invoke() {
      return ++this.#count
    }
    count() {
      return this.#count
    }
  }
  const { counter } = wrapTools({ counter: new Counter() })
  await counter.invoke()
  await counter.invoke()
  expect([counter.count(), counter instanceof Counter]).toEqual([2, true])
  expect(names()).toEqual(['counter', 'counter'])
})

test('what is wrapped already is one call, and a tool that fails throws its own error', async () => {
  const failure = new Error('out of paper')
  const once = wrapTools({
    print: async () => {
      throw failure
    },
  })
  const twice = wrapTools(once)
  await expect(twice.print()).rejects.toBe(failure)
  expect(names()).toEqual(['print'])
})

test('while Holdfast is off a tool is just called', async () => {
  const tools = wrapTools({ add: async ({ a }: { a: number }) => a + 1 })
  await holdfast.uninstrument()
  expect(await tools.add({ a: 1 })).toBe(2)
  expect(seen).toEqual([])
})

test.each([
  [{ weather: 'sunny' }, 'wrapTools: weather came as string'],
  [{ weather: { name: 'weather' } }, 'wrapTools: weather came as object'],
  [[() => 1], 'wrapTools: [0] came as function'],
  [[{ execute() {} }], 'wrapTools: [0] came as object'],
])('what is no tool is told: %j', (tools, message) => {
  expect(() => wrapTools(tools)).toThrow(message)
})
