import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixtures, runApplication } from './run-application.ts'

const frameworks = readdirSync(fixtures)
  .filter((file) => file.endsWith('-entry.cjs'))
  .map((file) => file.replace('-entry.cjs', ''))

const rules = [
  {
    name: 'not Rome',
    tool: 'weather',
    argument: { path: 'city', equals: 'Rome' },
    verdict: 'deny',
  },
  { name: 'weather', tool: 'weather', verdict: 'ask' },
]

// The model calls go by unseen: what is left is the gate around the functions.
test.each(frameworks)(
  '%s: a refused tool does not run, what a person has written is what runs, and the agent goes on',
  async (framework) => {
    const { played, requests } = await runApplication({
      framework,
      modules: 'esm',
      loading: 'late',
      scenarios: ['answer', 'together'],
      env: {
        TOOLS: JSON.stringify({ preset: 'strict', rules }),
        EDITED: JSON.stringify({ city: 'Cairo' }),
      },
    })

    expect(played['answer']?.ran).toEqual([])
    expect(JSON.stringify(played['answer']?.result)).toContain('That was Rome.')
    expect(played['together']?.ran).toEqual(['Cairo', 'Cairo'])
    expect(requests).toHaveLength(6)
  },
  60_000,
)
