import { faults, startLab } from '@holdfast/lab'
import type { FaultListing } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { Holdfast } from 'holdfast'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clients, text } from './clients.ts'

const maxAttempts = 3
/** Faults that only a timeout ends. */
const silent = /stall|slow-|linger/

let holdfast: Holdfast
beforeAll(() => {
  holdfast = instrument({
    telemetry: false,
    reliability: {
      retry: {
        maxAttempts,
        baseDelayMs: 1,
        overloadedBaseDelayMs: 1,
        maxBackoffMs: 2,
        budgetShare: 1,
      },
      timeout: { headersMs: 400, firstContentMs: 400, betweenContentMs: 400 },
      commit: { lingerMs: 50 },
      circuitBreaker: false,
    },
  })
})
afterAll(() => holdfast.uninstrument())

// What a model says wrong in a good answer is the business of others; a provider that is down has no port.
const striking = faults.filter(({ phase, name }) => phase !== 'content' && name !== 'provider-down')

/** Good bytes that the SDK does not read, and an end that it hands over in its own words. */
const ofTheSdk = new Set([
  // Its parser knows no lines that end in a lone CR.
  'cohere-ai carriage-returns',
  // The chunk has the finish reason "error", which the application is given.
  '@mistralai/mistralai error-in-chunk',
])

const modes = ({ on }: FaultListing): boolean[] =>
  on === 'both' ? [false, true] : [on === 'streamed']

describe.for(clients)('%s', ([client, format, ask]) => {
  const mine = striking.filter(
    ({ name, wires }) =>
      wires.some((wire) => wire === format) && !ofTheSdk.has(`${client} ${name}`),
  )
  const cells = mine.flatMap((fault) =>
    modes(fault).map((streaming) => [fault.name, streaming ? 'streamed' : 'whole', fault] as const),
  )

  test.concurrent.for(cells)(
    '%s, %s: the whole answer or an error, in time and within the limit',
    { timeout: 30_000 },
    async ([name, mode], { expect }) => {
      await using lab = await startLab({
        script: {
          text,
          fault: {
            name,
            everyMs: 5,
            retryAfterMs: 5,
            ...(/slow/.test(name) ? { stallMs: 50 } : {}),
          },
        },
      })
      const startedAt = performance.now()
      const said = await ask(lab, mode === 'streamed').catch((error: unknown) => error)
      if (!(said instanceof Error)) expect(said).toBe(text)
      expect(lab.requests.length).toBeLessThanOrEqual(maxAttempts + 1)
      expect(performance.now() - startedAt).toBeLessThan(silent.test(name) ? 15_000 : 10_000)
    },
  )
})

test('nothing of it was a mistake of Holdfast', () => {
  expect(holdfast.report().bugs).toEqual([])
})
