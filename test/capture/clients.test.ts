import type { CaptureReport } from '@holdfast/capture'
import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  results: { client: string; seen: string[]; result: unknown }[]
  report: CaptureReport
}

describe.each(nodeVersions)('on Node $major', (node) => {
  test.each(['before', 'after'])(
    'every kind of client is caught once by a capture %s it is constructed',
    { timeout: 120_000 },
    async (when) => {
      const { results, report } = (await runProgram(node, 'clients.ts', [when])) as Run
      expect(results.length).toBeGreaterThanOrEqual(33)
      for (const { client, seen, result } of results) {
        expect([client, result]).toEqual([client, expect.toBeOneOf(['hi', 200])])
        const once = client === 'bedrock over HTTP/2' ? ['passing http2'] : [expect.any(String)]
        expect([client, seen]).toEqual([client, once])
        if (client !== 'bedrock over HTTP/2') expect([client, seen[0]]).not.toContain('passing')
      }
      expect(report.passing).toMatchObject([{ layer: 'http2', count: 1 }])
    },
  )
})
