import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  outcome: Record<string, unknown>
  claimed: number
}

describe.each(nodeVersions)('fetch on Node $major', (node) => {
  const run = (...args: string[]): Promise<Run> =>
    runProgram(node, 'fetch-conformance.ts', args) as Promise<Run>
  let bare: Promise<Run> | undefined

  test.each(
    ['direct', 'original'].flatMap((transport) =>
      ['pass', 'whole', 'stream', 'peek'].map((variant) => [variant, transport] as const),
    ),
  )(
    'captured with a handler that does "%s" cannot be told from bare, transport %s',
    { timeout: 120_000 },
    async (variant, transport) => {
      const runs = [(bare ??= run('bare')), run(variant, transport)] as const
      const [expected, captured] = await Promise.all(runs)
      expect(captured.claimed).toBeGreaterThan(60)
      expect(inNewerWords(captured.outcome)).toEqual(inNewerWords(expected.outcome))
    },
  )
})

/** Node 22 says it in other words where an aborted body is read for the first time: the one difference there is. */
function inNewerWords(outcome: Record<string, unknown>): unknown {
  const text = JSON.stringify(outcome)
  return JSON.parse(text.replaceAll('The operation was aborted."', 'This operation was aborted"'))
}
