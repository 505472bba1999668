import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

const file = 'openai/resources/chat/completions/completions'

describeAdapter({
  framework: 'openai',
  boundary: 'openai',
  packages: ['openai'],
  oldest: { openai: '5.0.1', zod: '3.25.76' },
  newest: { openai: '7.57.0', zod: '4.6.7' },
  attached: { esm: [`${file}.mjs`], cjs: [`${file}.js`] },
  together: [{ user: 'Oslo' }, { user: 'Bern' }],
  brokenModel: ['InternalServerError', 500],
  // Arguments that do not fit the schema never get to the function.
  rejects: ['wrongArguments'],
  lacks: { interrupt: 'runTools() cannot wait for a person' },
  more(outcome) {
    test('each runTools() is a run, over when it is, also streamed', () => {
      const { answer, stream, failingTool } = outcome().played
      expect(answer?.ended).toMatchObject([{ outcome: 'ok', calls: 2 }])
      expect(stream?.ended).toMatchObject([{ outcome: 'ok', calls: 2 }])
      expect(failingTool?.ended).toMatchObject([{ outcome: 'error' }])
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
    })

    test('a tool that goes by the name of its function is known by it', () => {
      expect(outcome().played['unparsed']?.tools[0]?.name).toBe('weather')
    })
  },
})
