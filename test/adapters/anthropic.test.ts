import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

const files = (extension: string): string[] => [
  `@anthropic-ai/sdk/lib/tools/BetaToolRunner.${extension}`,
  `@anthropic-ai/sdk/lib/tools/SessionToolRunner.${extension}`,
  `@anthropic-ai/sdk/resources/beta/messages/messages.${extension}`,
]

describeAdapter({
  framework: 'anthropic',
  boundary: 'anthropic',
  packages: ['@anthropic-ai/sdk'],
  oldest: { '@anthropic-ai/sdk': '1.0.0', zod: '4.6.7' },
  newest: { '@anthropic-ai/sdk': '1.12.0', zod: '4.6.7' },
  attached: { esm: files('mjs'), cjs: files('js') },
  together: [{ user: 'Oslo' }, { user: 'Bern' }],
  brokenModel: ['InternalServerError', 500],
  // Arguments that do not fit the schema never get to the function.
  rejects: ['wrongArguments'],
  lacks: { interrupt: 'a tool runner cannot wait for a person' },
  more(outcome) {
    test('a runner is a run, over when it is, also streamed', () => {
      const { answer, stream, byHand } = outcome().played
      for (const played of [answer, stream, byHand]) {
        expect(played?.ended).toMatchObject([{ outcome: 'ok', calls: 2 }])
      }
    })

    test('model and tool calls of a runner belong to its run, also where somebody else takes its steps', () => {
      for (const name of ['byHand', 'stream', 'eager']) {
        const { models, tools } = outcome().played[name]!
        expect(new Set([...models, ...tools].map(({ run }) => run?.id)).size).toBe(1)
        expect(models[0]?.run?.id).toBeDefined()
      }
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_|^toolu_/)
    })
  },
})
