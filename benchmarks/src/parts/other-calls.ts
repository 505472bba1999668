import { request as httpRequest } from 'node:http'
import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { bareAndAll, variant } from '../settings.ts'
import type { Ask } from '../settings.ts'

/** Calls that are no model calls: fetch and node:http to a path nobody claims. */
export const run: Part = async ({ origin, rounds, check }) => {
  const byFetch: Ask = () => () => fetch(`${origin}/other`).then((response) => response.text())
  const byHttp: Ask = () => () =>
    new Promise<void>((resolve, reject) => {
      const outgoing = httpRequest(`${origin}/other`, (response) => {
        response.on('end', resolve)
        response.resume()
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  // What is looked for is one microsecond of two hundred: many rounds.
  const often = { rounds: rounds(600), calls: 60, warmUpCalls: 80 }
  for (const [what, ask] of [
    ['another call by fetch', byFetch],
    ['another call by node:http', byHttp],
  ] as const) {
    const variants = bareAndAll.map((setting) => variant(setting, origin, ask))
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const measured = await interleave(variants, often)
    printTable(what, measured)
    check({ what, value: measured[1]?.addedUs.value ?? NaN, most: 1, unit: 'us' })
  }
}
