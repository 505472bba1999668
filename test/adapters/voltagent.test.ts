import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

describeAdapter({
  framework: 'voltagent',
  boundary: 'ai-sdk',
  packages: ['@voltagent/core'],
  oldest: {
    '@voltagent/core': '2.0.2',
    '@voltagent/logger': '2.0.2',
    ai: '6.0.111',
    '@ai-sdk/provider-utils': '4.0.65',
    '@ai-sdk/openai-v6': 'npm:@ai-sdk/openai@3.0.141',
    zod: '4.6.7',
  },
  attached: {
    esm: ['@voltagent/core/dist/index.mjs', 'ai/dist/index.mjs'],
    cjs: ['@voltagent/core/dist/index.js', 'ai/dist/index.js'],
  },
  together: [
    { session: 'Oslo', user: 'ada', agent: 'forecaster' },
    { session: 'Bern', user: 'ada', agent: 'forecaster' },
  ],
  brokenModel: 500,
  agentsAsTools: ['nested'],
  lacks: { interrupt: 'its approvals are those of the AI SDK' },
  more(outcome) {
    test('what an agent does is one run, however many generations it makes of it', () => {
      const { answer, nested } = outcome().played
      expect(answer?.ended).toMatchObject([
        { outcome: 'ok', calls: 2, session: 'Rome', agent: 'forecaster' },
      ])
      expect(nested?.ended.map(({ agent, calls }) => [agent, calls])).toEqual([
        ['forecaster', 2],
        ['desk', 2],
      ])
      expect(nested?.tools[1]?.run).toMatchObject({
        agent: 'forecaster',
        parent: { agent: 'desk' },
      })
    })
  },
})
