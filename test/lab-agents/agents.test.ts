import { conversation, react, startLab, withFaults } from '@holdfast/lab'
import { ChatAnthropic } from '@langchain/anthropic'
import { tool as langchainTool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { Agent, OpenAIProvider, Runner, tool as agentsTool } from '@openai/agents'
import { expect, test } from 'vitest'
import { z } from 'zod'

const calls = [
  { name: 'search', arguments: { query: 'fjords' } },
  { name: 'search', arguments: { query: 'rain' } },
]
const answer = 'It rains in Bergen.'
const description = 'Searches.'
const schema = z.object({ query: z.string() })

test('a LangGraph agent on Anthropic runs whole against the lab', async () => {
  await using lab = await startLab({ script: conversation({ calls, answer }) })
  const asked: string[] = []
  const search = langchainTool(
    ({ query }) => {
      asked.push(query)
      return 'found'
    },
    { name: 'search', description, schema },
  )
  const llm = new ChatAnthropic({
    model: 'claude-lab',
    apiKey: 'lab',
    anthropicApiUrl: lab.baseUrls.anthropic,
  })
  const agent = createReactAgent({ llm, tools: [search] })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Weather?' }] })
  expect(messages.at(-1)?.text).toBe(answer)
  expect(asked).toEqual(['fjords', 'rain'])
})

test.each(['responses', 'chat'])('an OpenAI agent on %s gets over faults', async (api) => {
  const script = withFaults(conversation({ calls, answer }), {
    0: { name: 'rate-limited-ms', retryAfterMs: 5 },
    2: 'reset-before-headers',
  })
  await using lab = await startLab({ script })
  const asked: string[] = []
  const search = agentsTool({
    name: 'search',
    description,
    parameters: schema,
    execute: ({ query }) => {
      asked.push(query)
      return 'found'
    },
  })
  const agent = new Agent({ name: 'Scout', instructions: 'Look it up.', tools: [search] })
  const runner = new Runner({
    tracingDisabled: true,
    model: 'gpt-lab',
    modelProvider: new OpenAIProvider({
      apiKey: 'sk-lab',
      baseURL: lab.baseUrls.openai,
      useResponses: api === 'responses',
    }),
  })
  const { finalOutput } = await runner.run(agent, 'Weather?')
  expect(finalOutput).toBe(answer)
  expect(asked).toEqual(['fjords', 'rain'])
  expect(lab.requests.map(({ fault, outcome }) => fault ?? outcome)).toEqual([
    'rate-limited-ms',
    'answered',
    'reset-before-headers',
    'answered',
    'answered',
  ])
})

test('a KaibanJS team calls its tool and comes to its final answer', async () => {
  await using lab = await startLab({ script: react({ calls: calls.slice(0, 1), answer }) })
  process.env['KAIBAN_TELEMETRY_OPT_OUT'] = '1'
  const kaiban = await import('kaibanjs')
  const asked: unknown[] = []
  const search = langchainTool(
    (input) => {
      asked.push(input)
      return 'found'
    },
    { name: 'search', description, schema },
  )
  const agent = new kaiban.Agent({
    name: 'Scout',
    role: 'Researcher',
    goal: 'Find out',
    background: 'Curious',
    tools: [search as never],
    llmConfig: {
      provider: 'openai',
      model: 'gpt-lab',
      apiKey: 'sk-lab',
      apiBaseUrl: lab.baseUrls.openai,
    } as never,
  })
  const task = new kaiban.Task({ description: 'Weather?', expectedOutput: 'A sentence', agent })
  const team = new kaiban.Team({
    name: 'Scouts',
    agents: [agent],
    tasks: [task],
    logLevel: 'error',
  })
  const result = await team.start()
  expect(result).toMatchObject({ status: 'FINISHED', result: answer })
  expect(asked).toEqual([{ query: 'fjords' }])
  expect(lab.requests).toHaveLength(2)
})
