import { expect, test } from 'vitest'
import type { ToolStart } from './adapters/adapter.ts'
import type { ToolLine } from './tool-line.ts'
import { withoutEchoes } from './without-echoes.ts'

const counting = (): { line: ToolLine; started: ToolStart[] } => {
  const started: ToolStart[] = []
  const line = withoutEchoes(async (start, execute) => {
    started.push(start)
    return execute()
  })
  return { line, started }
}

const call = (framework: string, city: string, name = 'weather'): ToolStart => ({
  name,
  arguments: { city },
  framework,
})

test('a tool that one framework runs through another is one call', async () => {
  const { line, started } = counting()
  const result = await line(call('kaibanjs', 'Rome'), async () =>
    line(call('langgraph', 'Rome'), () => 'Sunny'),
  )
  expect([result, started.map(({ framework }) => framework)]).toEqual(['Sunny', ['kaibanjs']])
})

test('it is one call, too, where one of them knows the arguments as text', async () => {
  const { line, started } = counting()
  const outer = { ...call('openai-agents', ''), arguments: '{ "city": "Rome" }' }
  await line(outer, async () => line(call('langgraph', 'Rome'), () => 'Sunny'))
  expect(started).toEqual([outer])
})

test('a function wrapped by tool() in a tool of the same name is one call, whatever the schema has made of the arguments', async () => {
  const { line, started } = counting()
  const outer = { ...call('openai-agents', ''), arguments: '{"city":" rome "}' }
  await line(outer, async () => line(call('holdfast', 'Rome'), () => 'Sunny'))
  await line(call('holdfast', 'Oslo'), async () =>
    line(call('langgraph', 'Oslo, Norway'), () => 'Sunny'),
  )
  expect(started.map(({ framework }) => framework)).toEqual(['openai-agents', 'holdfast'])
})

test("a tool of an MCP server is one call, also where a framework puts the server's name before it", async () => {
  const { line, started } = counting()
  const outer = call('mastra', 'Rome', 'stations_get_weather')
  await line(outer, async () => line(call('mcp', 'Rome', 'get-weather'), () => 'Sunny'))
  expect(started).toEqual([outer])
  await line(call('mastra', 'Rome', 'forget_weather'), async () =>
    line(call('mcp', 'Rome', 'get_weather'), () => 'Sunny'),
  )
  expect(started).toHaveLength(3)
})

test('three wrappers of one execution are one call', async () => {
  const { line, started } = counting()
  await line(call('kaibanjs', 'Rome'), async () =>
    line(call('langgraph', 'Rome'), async () => line(call('holdfast', 'Rome'), () => 'Sunny')),
  )
  expect(started).toEqual([call('kaibanjs', 'Rome')])
})

test('a tool that uses another one, or itself for something else, is two calls', async () => {
  const { line, started } = counting()
  await line(call('kaibanjs', 'Italy'), async () => line(call('langgraph', 'Rome'), () => 'Sunny'))
  await line(call('openai-agents', 'Rome'), async () =>
    line(call('openai-agents', 'Rome'), () => 'Sunny'),
  )
  await line(call('langgraph', 'Rome'), async () =>
    line(call('holdfast', 'Rome', 'map'), () => 'Seven hills'),
  )
  expect(started).toHaveLength(6)
})

test('a wrapped function that calls itself makes calls', async () => {
  const { line, started } = counting()
  await line(call('langgraph', 'Italy'), async () =>
    line(call('holdfast', 'Italy'), async () =>
      Promise.all(['Rome', 'Bari'].map((city) => line(call('holdfast', city), () => 'Sunny'))),
    ),
  )
  expect(started.map(({ arguments: given }) => given)).toEqual([
    { city: 'Italy' },
    { city: 'Rome' },
    { city: 'Bari' },
  ])
})

test('an execution that a policy repeats is the same call again', async () => {
  const started: ToolStart[] = []
  const line = withoutEchoes(async (start, execute) => {
    started.push(start)
    await execute()
    return execute()
  })
  await line(call('langgraph', 'Rome'), async () => line(call('holdfast', 'Rome'), () => 'Sunny'))
  expect(started).toEqual([call('langgraph', 'Rome')])
})

test('two equal calls side by side are two calls', async () => {
  const { line, started } = counting()
  await Promise.all([
    line(call('kaibanjs', 'Rome'), () => 'Sunny'),
    line(call('langgraph', 'Rome'), () => 'Sunny'),
  ])
  expect(started).toHaveLength(2)
})
