import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  outcome: Record<string, unknown>
  claimed: number
}

describe.each(nodeVersions)('http on Node $major', (node) => {
  const run = (variant: string): Promise<Run> =>
    runProgram(node, 'http-conformance.ts', [variant]) as Promise<Run>
  let bare: Promise<Run> | undefined

  test.each(['pass', 'whole', 'stream', 'peek'])(
    'captured with a handler that does "%s" cannot be told from bare',
    { timeout: 120_000 },
    async (variant) => {
      const [expected, captured] = await Promise.all([(bare ??= run('bare')), run(variant)])
      expect(captured.claimed).toBeGreaterThan(100)
      expect(captured.outcome).toEqual(expected.outcome)
    },
  )
})
