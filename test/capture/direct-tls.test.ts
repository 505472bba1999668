import { expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

interface Run {
  bare: { httpVersion: string }
  captured: unknown[]
}

test.each(nodeVersions)(
  'a server with TLS sees of a captured fetch what it sees of fetch on Node $major',
  { timeout: 60_000 },
  async (node) => {
    const { bare, captured } = (await runProgram(node, 'direct-tls.ts')) as Run
    expect(captured).toEqual([bare, bare])
    expect(bare.httpVersion).toBe(node.major < 26 ? '1.1' : '2.0')
  },
)
