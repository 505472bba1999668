import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instrument } from 'holdfast'
import { expect, test } from 'vitest'

test('a run that is gone on with launches its server again, and calls no tool a second time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-mcp-'))
  const holdfast = instrument({
    telemetry: false,
    journal: { store: join(folder, 'journal.db') },
  })
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
  const log = join(folder, 'asked')
  const server = fileURLToPath(new URL('fixtures/mcp-server.mjs', import.meta.url))
  const forecast = (...cities: string[]) =>
    holdfast.run({ id: 'forecast' }, async () => {
      const client = new Client({ name: 'forecaster', version: '1.0.0' })
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [server, 'outside', log],
          stderr: 'ignore',
        }),
      )
      const results = []
      for (const city of cities) {
        // oxlint-disable-next-line no-await-in-loop -- in order
        const { content } = await client.callTool({ name: 'weather', arguments: { city } })
        results.push(content)
      }
      await client.close()
      if (cities.length === 1) throw new Error('cut off')
      return results
    })

  await expect(forecast('Rome')).rejects.toThrow('cut off')
  const said = await forecast('Rome', 'Oslo')

  const text = (words: string) => [{ type: 'text', text: words }]
  expect(said).toEqual([text('Sunny outside in Rome'), text('Sunny outside in Oslo')])
  await expect(readFile(log, 'utf8')).resolves.toBe('Rome\nOslo\n')
  await holdfast.uninstrument()
  await rm(folder, { recursive: true })
}, 30_000)
