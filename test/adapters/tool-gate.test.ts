import { describe, expect, test } from 'vitest'
import { runApplication } from './run-application.ts'
import type { Outcome } from './run-application.ts'

// The model calls go by unseen: what is left is the gate around the functions.
function answered(framework: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const how = { modules: 'esm', loading: 'late', scenarios: ['answer'] } as const
  return runApplication({ framework, ...how, env })
}

describe.each(['langgraph', 'openai-agents', 'crew'])('%s', (framework) => {
  const rules = (verdict: string): string =>
    JSON.stringify({ preset: 'strict', rules: [{ name: 'weather', tool: 'weather', verdict }] })

  test('a refused tool does not run, and the agent goes on with the refusal', async () => {
    const { played, requests } = await answered(framework, { TOOLS: rules('deny') })

    expect(played['answer']?.ran).toEqual([])
    expect(JSON.stringify(played['answer']?.result)).toContain('That was Rome.')
    expect(requests).toHaveLength(2)
  }, 60_000)

  test('what a person has written is what runs', async () => {
    const edited = JSON.stringify({ city: 'Oslo' })
    const { played } = await answered(framework, { TOOLS: rules('ask'), EDITED: edited })

    expect(JSON.stringify(played['answer']?.ran)).toContain('Oslo')
    expect(JSON.stringify(played['answer']?.ran)).not.toContain('Rome')
  }, 60_000)
})
