import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

const attached = (extension: string): string[] => [
  `@langchain/core/dist/tools/index.${extension}`,
  `@langchain/core/dist/messages/tool.${extension}`,
  `@langchain/core/dist/messages/utils.${extension}`,
  `@langchain/core/dist/runnables/base.${extension}`,
  `@langchain/core/dist/utils/async_caller.${extension}`,
  `@langchain/langgraph/dist/pregel/index.${extension}`,
  `@langchain/langgraph/dist/constants.${extension}`,
]

// LangChain's own agents, and teams of them.
describeAdapter({
  framework: 'langchain',
  boundary: 'langgraph',
  attached: { esm: attached('js'), cjs: attached('cjs') },
  together: [
    { session: 'Oslo', agent: 'forecaster' },
    { session: 'Bern', agent: 'forecaster' },
  ],
  brokenModel: ['InternalServerError', 500],
  packages: ['langchain', '@langchain/langgraph-supervisor', '@langchain/langgraph-swarm'],
  oldest: {
    langchain: '1.0.6',
    '@langchain/core': '1.0.6',
    '@langchain/langgraph': '1.0.2',
    '@langchain/langgraph-checkpoint': '1.0.0',
    '@langchain/langgraph-supervisor': '1.0.1',
    '@langchain/langgraph-swarm': '1.0.0',
    '@langchain/openai': '1.1.2',
    zod: '4.1.0',
  },
  newest: {
    langchain: '1.5.14',
    '@langchain/core': '1.4.0',
    '@langchain/langgraph': '1.7.3',
    '@langchain/langgraph-supervisor': '1.1.3',
    '@langchain/langgraph-swarm': '1.0.4',
    '@langchain/openai': '1.6.0',
    zod: '4.6.7',
  },
  // The calls by which agents hand over are tool calls too.
  agentsAsTools: ['supervisor', 'swarm'],
  more(outcome) {
    test('each agent of a supervisor is a run of its own inside of the run', () => {
      const { models, tools, ran } = outcome().played['supervisor']!
      expect(ran).toEqual(['Vienna'])
      expect(tools.map(({ name, run }) => [name, run?.agent, run?.parent?.agent])).toEqual([
        ['transfer_to_forecaster', 'desk', 'office'],
        ['weather', 'forecaster', 'office'],
      ])
      expect(models.map(({ run }) => run?.agent)).toEqual([
        'desk',
        'forecaster',
        'forecaster',
        'desk',
      ])
      expect(new Set(models.map(({ run }) => run?.session))).toEqual(new Set(['supervised']))
    })

    test('so is each agent of a swarm, and handing over is no failure', () => {
      const { models, tools, ended } = outcome().played['swarm']!
      expect(tools.map(({ name, run }) => [name, run?.agent, run?.parent?.agent])).toEqual([
        ['transfer_to_forecaster', 'clerk', 'team'],
        ['weather', 'forecaster', 'team'],
      ])
      expect(models.map(({ run }) => run?.agent)).toEqual(['clerk', 'forecaster', 'forecaster'])
      expect(ended.map(({ outcome: end }) => end)).toEqual(['ok', 'ok', 'ok'])
    })

    test('a run that waits for a person is over until it goes on', () => {
      expect(outcome().played['interrupt']?.ended).toMatchObject([
        { session: 'interrupted', agent: 'careful', outcome: 'ok', calls: 1 },
        { session: 'interrupted', agent: 'careful', outcome: 'ok', calls: 1 },
      ])
    })
  },
})
