import { signed } from '../bench.ts'
import type { Part } from '../bench.ts'
import { flushOpenTelemetry } from '../open-telemetry.ts'
import { variant, whole } from '../settings.ts'

/** How much more the heap holds after many calls than after some, with everything on. */
export const run: Part = async ({ origin, quick, check }) => {
  const calls = quick ? 5_000 : 20_000
  const held = variant({ name: 'heap', options: {}, openTelemetry: true }, origin, whole)
  const call = await held.enter()
  const collected = async () => {
    for (let count = 0; count < 4; count++) {
      await flushOpenTelemetry()
      await new Promise((resolve) => setTimeout(resolve, 20))
      globalThis.gc?.()
    }
    return process.memoryUsage().heapUsed / 1024
  }
  const many = async (count: number) => {
    for (let done = 0; done < count; done += 16) {
      await Promise.all(Array.from({ length: 16 }, () => call()))
    }
  }
  await many(calls / 2)
  const before = await collected()
  await many(calls / 2)
  const middle = await collected()
  await many(calls / 2)
  const after = await collected()
  await held.leave()
  const secondHalf = after - middle
  console.log(
    `\nheap after ${calls} calls: ${signed(after - before, 0)} kB (second half ${signed(secondHalf, 0)} kB)`,
  )
  check({ what: 'heap growth, second half', value: secondHalf, most: 256, unit: 'kB' })
}
