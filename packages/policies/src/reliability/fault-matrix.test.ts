import { faults as labFaults, startLab } from '@holdfast/lab'
import type { FaultListing } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, wireNames } from '../testing/exchange.ts'
import type { Ended, WireName } from '../testing/exchange.ts'
import { faults } from './faults/faults.ts'
import type { FaultName } from './faults/faults.ts'
import { reliability } from './reliability.ts'

const maxAttempts = 3

/** Rows that a fault of the lab may show as, where that is not its own row alone; 0 is a good answer. */
const otherRows: Record<string, readonly number[]> = {
  // Row 10: decided by the status.
  'server-error-text': [8],
  'unavailable-html': [8],
  'bad-gateway-html': [9],
  // The first request is cut off; the next ones find nobody.
  'provider-down': [27, 23],
  // Node 22 tells how many bytes had come, and the beginning of headers counts.
  'reset-mid-headers': [27, 26],
  'rate-limited-date': [1, 2],
  'rate-limited-reset-headers': [1],
  'rate-limited-body-delay': [1, 3],
  'rate-limit-event-first': [3],
  'error-event-first': [8],
  // A kept-alive connection has to be there first: another test has that.
  'reused-socket-reset': [0],
  'reused-socket-closed': [0],
  'slow-stream': [0],
  // An error as the body of a 200 is known for what it is only where a whole body was asked for.
  'error-in-200': [8, 33, 19],
  'empty-choices': [18, 33, 19],
  'empty-stream': [33, 19],
  'cut-before-content': [33, 19],
  'done-without-finish': [33, 0],
  'cut-last-line': [33],
  'cut-mid-line': [33],
  'truncated-gzip': [33, 19],
  'malformed-function-call': [18, 0],
  // Everything was there before the compression broke off.
  'gzip-without-trailer': [0],
  'truncated-brotli': [0, 33],
  'reset-after-terminal': [0],
  'linger-after-terminal': [0],
  // Good answers for the layers above; the tool gate deals with them.
  'filtered-finish': [0],
  recitation: [0],
  refusal: [0],
  'prompt-blocked': [0],
  'length-cut': [0],
  'length-cut-tool-call': [0],
  'malformed-tool-arguments': [0],
  'empty-tool-arguments': [0],
  'unknown-tool': [0],
  'duplicate-tool-ids': [0],
  'empty-tool-id': [0],
}

/** Faults that only a timeout ends. */
const silent = /stall|slow-headers|slow-loris|slow-body|slow-first/

describe('every fault of the lab meets its row of the decision table', () => {
  test.concurrent.for(labFaults.map((listing) => [listing.name, listing] as const))(
    '%s',
    async ([name, listing], { expect }) => {
      const wires = wireNames.filter((wire) => listing.wires.includes(wire))
      const cells = wires.flatMap((wire) => modesOf(listing).map((mode) => [wire, mode] as const))
      const ended = await Promise.all(cells.map((cell) => meet(listing, ...cell)))
      for (const [index, { faultNames, requests, answer, cell }] of ended.entries()) {
        expect.soft(ended[index]?.requests, `${cell}: requests`).toBeLessThanOrEqual(maxAttempts)
        const rows = otherRows[name] ?? [listing.row]
        const met = [...new Set(faultNames.map((fault) => faults[fault].row))]
        expect
          .soft(met.length === 0 ? [0] : met, `${cell}: rows`)
          .toSatisfy((seen: number[]) => seen.every((row) => rows.includes(row)))
        for (const fault of faultNames) {
          const { retries } = faults[fault]
          if (retries !== 'as-left') expect.soft(requests, cell).toBeLessThanOrEqual(retries + 1)
        }
        // Nothing was lost on the way up: what is called complete is complete.
        if (answer.error === undefined && answer.status === 200) {
          expect.soft(answer.reply?.complete(), `${cell}: complete`).toBe(true)
        }
        expect.soft(answer.tookMs, `${cell}: duration`).toBeLessThan(6_000)
      }
    },
  )

  async function meet(
    { name }: FaultListing,
    wire: WireName,
    streaming: boolean,
  ): Promise<{ cell: string; requests: number; faultNames: FaultName[]; answer: Ended }> {
    await using lab = await startLab({
      script: { fault: { name, downMs: 500, everyMs: 20, retryAfterMs: retryAfterOf(name) } },
    })
    const limit = silent.test(name) ? 200 : 5_000
    const policies = reliability({
      retry: { baseDelayMs: 5, overloadedBaseDelayMs: 20, maxDelayMs: 2_000 },
      circuitBreaker: false,
      commit: { lingerMs: 100 },
      timeout: { headersMs: limit, firstContentMs: limit, betweenContentMs: limit },
    })
    const answer = await ask(lab.url, policies, { wire, streaming })
    return {
      cell: `${name} ${wire} ${streaming ? 'streamed' : 'whole'}`,
      requests: lab.requests.length,
      faultNames: answer.faults as FaultName[],
      answer,
    }
  }
})

test('an error answer is handed up byte for byte', async () => {
  await using lab = await startLab({ script: { fault: 'server-error' } })
  for (const wire of wireNames) {
    const policies = reliability({ retry: { maxAttempts: 1 } })
    const bare = await ask(lab.url, (call, next) => next(call), { wire })
    const held = await ask(lab.url, policies, { wire })
    expect(held.status).toBe(bare.status)
    expect(withoutIds(held.text)).toBe(withoutIds(bare.text))
  }
})

function modesOf({ on }: FaultListing): readonly boolean[] {
  return on === 'both' ? [true, false] : [on === 'streamed']
}

function retryAfterOf(name: string): number {
  return name === 'rate-limited-long' ? 3_600_000 : 100
}

function withoutIds(text: string): string {
  return text.replaceAll(/"req[^"]*"/g, '"id"')
}
