import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'
import { runApplication } from './run-application.ts'

const attached = (extension: string): string[] => [
  `@langchain/core/dist/tools/index.${extension}`,
  `@langchain/core/dist/messages/tool.${extension}`,
  `@langchain/core/dist/messages/utils.${extension}`,
  `@langchain/core/dist/runnables/base.${extension}`,
  `@langchain/core/dist/utils/async_caller.${extension}`,
  `@langchain/langgraph/dist/pregel/index.${extension}`,
  `@langchain/langgraph/dist/constants.${extension}`,
]

describeAdapter({
  framework: 'langgraph',
  boundary: 'langgraph',
  attached: { esm: attached('js'), cjs: attached('cjs') },
  together: [
    { session: 'Oslo', agent: 'forecaster' },
    { session: 'Bern', agent: 'forecaster' },
  ],
  brokenModel: ['InternalServerError', 500],
  packages: ['@langchain/langgraph', '@langchain/core', '@langchain/openai'],
  oldest: {
    '@langchain/langgraph': '1.0.0',
    '@langchain/langgraph-checkpoint': '1.0.0',
    '@langchain/core': '1.0.0',
    '@langchain/openai': '1.0.0',
    zod: '4.1.0',
  },
  newest: {
    '@langchain/langgraph': '1.7.3',
    '@langchain/core': '1.4.0',
    '@langchain/openai': '1.6.0',
    zod: '4.6.7',
  },
  // Arguments that do not fit the schema are refused inside of the call.
  rejects: ['directError', 'wrongArguments'],
  more(outcome) {
    test('a run ends when its graph does, also streamed', () => {
      const { answer, stream, events } = outcome().played
      expect(answer?.ended).toMatchObject([{ session: 'one', agent: 'forecaster', calls: 2 }])
      expect(stream?.ended).toMatchObject([{ session: 'streamed', outcome: 'ok', calls: 2 }])
      expect(stream?.models[0]?.run).toMatchObject({ user: 'ada' })
      expect(events?.ended).toMatchObject([{ session: 'events', outcome: 'ok', calls: 2 }])
    })

    test('a named graph in a node of another is a run inside of that run', () => {
      const { models, ended } = outcome().played['nested']!
      expect(ended).toMatchObject([
        { session: 'nested', agent: 'forecaster', calls: 2 },
        { session: 'nested', agent: 'outer' },
      ])
      for (const { run } of models) {
        expect(run).toMatchObject({ agent: 'forecaster', parent: { agent: 'outer' } })
      }
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
      expect(outcome().played['direct']?.tools.map(({ toolCallId }) => toolCallId)).toContain(
        'call_1',
      )
    })
  },
})

test('LangChain tries a broken model once, and Holdfast as often as it says', async () => {
  const how = { framework: 'langgraph', modules: 'esm', scenarios: ['brokenModel'] } as const
  const held = await runApplication({ ...how, loading: 'late', env: { GUARD: 'off' } })
  expect(held.requests).toHaveLength(3)
  expect(held.played['brokenModel']?.result).toEqual(['InternalServerError', 500])
}, 60_000)
