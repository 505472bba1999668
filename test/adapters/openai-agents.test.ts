import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

describeAdapter({
  framework: 'openai-agents',
  boundary: 'openai-agents',
  attached: {
    esm: ['@openai/agents-core/dist/index.mjs'],
    cjs: ['@openai/agents-core/dist/index.js'],
  },
  together: [
    { session: 'Oslo', agent: 'forecaster' },
    { session: 'Bern', agent: 'forecaster' },
  ],
  brokenModel: ['InternalServerError', 500],
  packages: ['@openai/agents'],
  oldest: { '@openai/agents': '0.8.0', zod: '4.1.0' },
  // Arguments that do not fit the schema are refused inside of the call.
  rejects: ['wrongArguments'],
  agentsAsTools: ['nested'],
  more(outcome) {
    test('a run ends when the agent does, also streamed', () => {
      const { answer, stream } = outcome().played
      expect(answer?.ended).toMatchObject([{ session: 'one', agent: 'forecaster', calls: 2 }])
      expect(stream?.ended).toMatchObject([{ session: 'streamed', outcome: 'ok', calls: 2 }])
    })

    test('an agent used as a tool is a run inside of the run', () => {
      const { models, tools, ran } = outcome().played['nested']!
      expect(ran).toEqual(['Vienna'])
      expect(tools.map(({ run }) => run?.agent)).toEqual(['desk', 'forecaster'])
      expect(models.map(({ run }) => [run?.agent, run?.parent?.agent])).toEqual([
        ['desk', undefined],
        ['forecaster', 'desk'],
        ['forecaster', 'desk'],
        ['desk', undefined],
      ])
    })

    test('a handoff stays in the run, and is no tool', () => {
      const { models, tools, ended, ran } = outcome().played['handoff']!
      expect(ran).toEqual(['Quito'])
      expect(tools.map(({ name }) => name)).toEqual(['weather'])
      expect(new Set([...models, ...tools].map(({ run }) => run?.id)).size).toBe(1)
      expect(ended).toMatchObject([{ session: 'handed over', agent: 'reception', calls: 3 }])
    })

    test('listeners hear of the very tool that the application made', () => {
      expect(outcome().played['hooks']?.result).toEqual([true])
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
    })
  },
})
