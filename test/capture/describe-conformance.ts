import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  outcome: Record<string, unknown>
  claimed: number
}

/** What is special about a layer. */
export interface Conformance {
  /** So many calls at least are caught, or the program has not tried what it should. */
  readonly claimedMin: number
  readonly transports?: readonly string[]
  /** What the outcome is before it is compared. */
  readonly normalise?: (outcome: unknown) => unknown
}

/** Runs `<layer>-conformance.ts` bare and captured, on every Node version: an application sees the same. */
export function describeConformance(
  layer: string,
  { claimedMin, transports = ['original'], normalise = (outcome) => outcome }: Conformance,
): void {
  describe.each(nodeVersions)(`${layer} on Node $major`, (node) => {
    const run = (...args: string[]): Promise<Run> =>
      runProgram(node, `${layer}-conformance.ts`, args) as Promise<Run>
    let bare: Promise<Run> | undefined

    test.each(
      transports.flatMap((transport) =>
        ['pass', 'whole', 'stream', 'peek'].map((handler) => [handler, transport] as const),
      ),
    )(
      'captured with a handler that does "%s" cannot be told from bare, transport %s',
      { timeout: 120_000 },
      async (handler, transport) => {
        bare ??= run('bare')
        let [expected, captured] = await Promise.all([bare, run(handler, transport)])
        if (!isDeepStrictEqual(normalise(captured.outcome), normalise(expected.outcome))) {
          // A busy machine delays one of the two: what is different is so again, one after the other.
          expected = await (bare = run('bare'))
          captured = await run(handler, transport)
        }
        expect(captured.claimed).toBeGreaterThan(claimedMin)
        expect(normalise(captured.outcome)).toEqual(normalise(expected.outcome))
      },
    )
  })
}
