import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

const attached = (extension: string): string[] => [
  `@mastra/core/dist/agent/index.${extension}`,
  `@mastra/core/dist/workflows/index.${extension}`,
]

describeAdapter({
  framework: 'mastra',
  boundary: 'mastra',
  packages: ['@mastra/core'],
  oldest: { '@mastra/core': '1.0.4', '@ai-sdk/openai': '3.0.0', zod: '4.6.7' },
  attached: { esm: attached('js'), cjs: attached('cjs') },
  together: [
    { session: 'Oslo', user: 'ada', agent: 'forecaster' },
    { session: 'Bern', user: 'ada', agent: 'forecaster' },
  ],
  brokenModel: ['APICallError', 500],
  // Arguments that do not fit the schema are refused inside of the call.
  rejects: ['wrongArguments'],
  agentsAsTools: ['nested'],
  more(outcome) {
    test('an agent in a tool, and one in a step of a workflow, is a run inside of the run', () => {
      const { nested, workflow } = outcome().played
      expect(nested?.models.map(({ run }) => [run?.agent, run?.parent?.agent])).toEqual([
        ['desk', undefined],
        ['forecaster', 'desk'],
        ['forecaster', 'desk'],
        ['desk', undefined],
      ])
      expect(workflow?.models[0]?.run).toMatchObject({
        agent: 'forecaster',
        parent: { agent: 'forecast', user: 'ada' },
      })
      expect(workflow?.ended.map(({ agent }) => agent)).toEqual([
        'forecast',
        'forecaster',
        'forecast',
      ])
    })

    test('a tool that suspends its agent is called again, and who waits for an approval is not called', () => {
      const { interrupt, suspendedTool } = outcome().played
      expect([interrupt?.ran, suspendedTool?.ran]).toEqual([['Prague'], ['Cairo', 'Cairo']])
      expect([interrupt?.tools.length, suspendedTool?.tools.length]).toEqual([1, 2])
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
    })
  },
})
