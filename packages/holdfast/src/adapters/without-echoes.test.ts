import { expect, test } from 'vitest'
import type { AdapterHost, ToolStart } from './adapter.ts'
import { withoutEchoes } from './without-echoes.ts'

const counting = (): { host: AdapterHost; started: ToolStart[] } => {
  const started: ToolStart[] = []
  const host = withoutEchoes({
    reliability: true,
    patch() {},
    run: (_hint, work) => work(),
    async tool(start, execute) {
      started.push(start)
      return execute()
    },
  })
  return { host, started }
}

const call = (framework: string, city: string): ToolStart => ({
  name: 'weather',
  arguments: { city },
  framework,
})

test('a tool that one framework runs through another is one call', async () => {
  const { host, started } = counting()
  const result = await host.tool(call('kaibanjs', 'Rome'), async () =>
    host.tool(call('langgraph', 'Rome'), () => 'Sunny'),
  )
  expect([result, started.map(({ framework }) => framework)]).toEqual(['Sunny', ['kaibanjs']])
})

test('a tool that uses another one, or itself for something else, is two calls', async () => {
  const { host, started } = counting()
  await host.tool(call('kaibanjs', 'Italy'), async () =>
    host.tool(call('langgraph', 'Rome'), () => 'Sunny'),
  )
  await host.tool(call('openai-agents', 'Rome'), async () =>
    host.tool(call('openai-agents', 'Rome'), () => 'Sunny'),
  )
  expect(started).toHaveLength(4)
})

test('two equal calls side by side are two calls', async () => {
  const { host, started } = counting()
  await Promise.all([
    host.tool(call('kaibanjs', 'Rome'), () => 'Sunny'),
    host.tool(call('langgraph', 'Rome'), () => 'Sunny'),
  ])
  expect(started).toHaveLength(2)
})
