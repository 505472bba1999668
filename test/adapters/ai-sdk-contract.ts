import { expect, test } from 'vitest'
import type { AdapterContract } from './describe-adapter.ts'

/** What is true of both major versions of the AI SDK. */
export const aiSdk: Omit<AdapterContract, 'framework' | 'attached' | 'packages'> = {
  boundary: 'ai-sdk',
  together: [
    { session: 'Oslo', user: 'ada', agent: 'forecaster' },
    { session: 'Bern', user: 'ada', agent: 'forecaster' },
  ],
  brokenModel: ['AI_RetryError', 'AI_APICallError', 500],
  // Arguments that do not fit the schema never get to the tool.
  rejects: ['wrongArguments'],
  agentsAsTools: ['nested'],
  more(outcome) {
    test('streams at the same time keep their identities apart too', () => {
      const { models, tools } = outcome().played['streamedTogether']!
      const runOf = (city: string) => models.find((model) => model.city === city)!.run!
      expect(runOf('Lyon')).toMatchObject({ session: 'Lyon' })
      expect(runOf('Graz').id).not.toBe(runOf('Lyon').id)
      for (const { arguments: given, run } of tools) {
        expect(run?.id).toBe(runOf((given as { city: string }).city).id)
      }
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toMatch(/^call_/)
    })

    test('who waits for an approval is asked before the tool is called', () => {
      const { ran, tools } = outcome().played['interrupt']!
      expect([ran, tools.length]).toEqual([['Prague'], 1])
    })
  },
}
