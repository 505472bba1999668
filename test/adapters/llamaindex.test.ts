import { conversation } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'
import { runApplication } from './run-application.ts'

describeAdapter({
  framework: 'llamaindex',
  boundary: 'llamaindex',
  packages: ['@llamaindex/workflow'],
  oldest: {
    '@llamaindex/workflow': '1.1.20',
    '@llamaindex/workflow-core': '1.2.0',
    llamaindex: '0.11.24',
    '@llamaindex/core': '0.6.19',
    '@llamaindex/env': '0.1.30',
    '@llamaindex/openai': '0.4.16',
    zod: '4.6.7',
  },
  newest: {
    '@llamaindex/workflow': '1.1.25',
    llamaindex: '0.12.1',
    '@llamaindex/core': '0.6.23',
    '@llamaindex/env': '0.1.31',
    '@llamaindex/openai': '0.4.23',
    zod: '4.6.7',
  },
  // The application's CommonJS copy loads the ES module of the OpenAI client.
  attached: {
    esm: ['@llamaindex/workflow/dist/index.js', 'openai/client.mjs'],
    cjs: ['@llamaindex/workflow/dist/index.cjs', 'openai/client.mjs'],
  },
  together: [
    { session: 'Oslo', agent: 'forecaster' },
    { session: 'Bern', agent: 'forecaster' },
  ],
  brokenModel: ['InternalServerError', 500],
  lacks: { interrupt: 'agents of a workflow cannot wait for a person' },
  more(outcome) {
    test('a run ends with its last event, also streamed or failed', () => {
      const { answer, stream, brokenModel } = outcome().played
      expect(answer?.ended).toMatchObject([{ outcome: 'ok', agent: 'forecaster', calls: 2 }])
      expect(stream?.ended).toMatchObject([{ outcome: 'ok', agent: 'forecaster', calls: 2 }])
      expect(brokenModel?.ended).toMatchObject([{ outcome: 'error', agent: 'forecaster' }])
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
    })
  },
})

test('LlamaIndex tries a broken model once, and Holdfast as often as it says', async () => {
  const { played, requests } = await runApplication({
    framework: 'llamaindex',
    modules: 'cjs',
    loading: 'late',
    scenarios: ['brokenModel'],
    env: { GUARD: 'off' },
  })
  expect(requests).toHaveLength(3)
  expect(played['brokenModel']?.result).toEqual(['InternalServerError', 500])
}, 60_000)

test('an agent that the work is handed to goes on in the same run', async () => {
  const { played } = await runApplication({
    framework: 'llamaindex',
    modules: 'esm',
    loading: 'by --import',
    scenarios: ['handOff'],
    script: conversation({
      calls: [
        { name: 'handOff', arguments: { toAgent: 'forecaster', reason: 'It knows.' } },
        { name: 'weather', arguments: { city: 'Riga' } },
      ],
      answer: 'That was Riga.',
    }),
  })
  const { ran, tools, models, result } = played['handOff']!
  expect([ran, result]).toEqual([['Riga'], 'That was Riga.'])
  expect(tools.map(({ name }) => name)).toEqual(['handOff', 'weather'])
  expect(new Set(models.map(({ run }) => run?.id)).size).toBe(1)
}, 60_000)
