import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  outcome: Record<string, unknown>
  claimed: number
}

describe.each(nodeVersions)('fetch on Node $major', (node) => {
  const run = (variant: string): Promise<Run> =>
    runProgram(node, 'fetch-conformance.ts', [variant]) as Promise<Run>
  const bare = run('bare')

  test.each(['pass', 'whole', 'stream', 'peek'])(
    'captured with a handler that does "%s" cannot be told from bare',
    { timeout: 120_000 },
    async (variant) => {
      const captured = await run(variant)
      expect(captured.claimed).toBeGreaterThan(60)
      expect(captured.outcome).toEqual((await bare).outcome)
    },
  )
})
