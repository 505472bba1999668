import { conversation } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'
import { runApplication } from './run-application.ts'

describeAdapter({
  framework: 'genai',
  boundary: 'genai',
  packages: ['@google/genai'],
  oldest: { '@google/genai': '1.20.0', '@modelcontextprotocol/sdk': '1.32.2', zod: '4.6.7' },
  attached: {
    esm: ['@google/genai/dist/node/index.mjs'],
    cjs: ['@google/genai/dist/node/index.cjs'],
  },
  together: [{ session: 'Oslo' }, { session: 'Bern' }],
  brokenModel: ['ApiError', 500],
  lacks: { interrupt: 'automatic function calling cannot wait for a person' },
  more(outcome) {
    test('a stream goes on in the run it was made in, wherever it is read', () => {
      const { models, tools } = outcome().played['elsewhere']!
      expect(models).toHaveLength(2)
      expect([...models, ...tools].map(({ run }) => run?.agent)).toEqual([
        'maker',
        'maker',
        'maker',
      ])
    })
  },
})

test('a tool that is handed several calls is several tool calls', async () => {
  const { played } = await runApplication({
    framework: 'genai',
    modules: 'esm',
    loading: 'late',
    scenarios: ['answer', 'stream'],
    script: conversation({
      calls: [['Rome', 'Milan'].map((city) => ({ name: 'weather', arguments: { city } }))] as never,
      answer: 'Both are sunny.',
    }),
  })
  for (const { ran, tools } of Object.values(played)) {
    expect(ran).toEqual(['Rome', 'Milan'])
    expect(tools.map(({ arguments: given }) => given)).toEqual([
      { city: 'Rome' },
      { city: 'Milan' },
    ])
  }
}, 60_000)
