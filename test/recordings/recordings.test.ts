import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkExchange } from './check.ts'
import { type Exchange, loadExchanges, recordingsFolder } from './load.ts'
import { randomFrom } from './random.ts'
import { type RecordingServer, serveRecordings } from './serve.ts'

const folder = recordingsFolder()
if (folder === undefined) {
  console.log('recordings: skipped, no folder ../shared/recordings and no HOLDFAST_RECORDINGS')
}

describe.skipIf(folder === undefined)('recorded answers', () => {
  let server: RecordingServer
  beforeAll(async () => {
    server = await serveRecordings()
  })
  afterAll(() => server.close())

  const seed = 20_261_121
  test.for(sample(folder, seed, 12))('%s', async ([, exchange]) => {
    const finding = await checkExchange(exchange, server, seed)
    expect(finding).toMatchObject({
      unread: undefined,
      unequal: undefined,
      request: undefined,
      written: undefined,
      identical: true,
    })
  })
})

/** Some exchanges of each folder, the same ones for the same seed; `pnpm recordings` takes all. */
function sample(from: string | undefined, seed: number, perApi: number): [string, Exchange][] {
  if (from === undefined) return []
  const random = randomFrom(seed)
  const byApi = Object.groupBy(loadExchanges(from), ({ api }) => api)
  return Object.values(byApi).flatMap((exchanges = []) =>
    Array.from({ length: perApi }, (): [string, Exchange] | undefined => {
      const exchange = exchanges[Math.floor(random() * exchanges.length)]
      return exchange && [exchange.file, exchange]
    }).filter((entry) => entry !== undefined),
  )
}
