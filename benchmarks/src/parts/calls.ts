import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { settings, variant, whole } from '../settings.ts'

/** One call, bare and in each setting. */
export const run: Part = async ({ origin, rounds, check }) => {
  const perCall = await interleave(
    settings.map((setting) => variant(setting, origin, whole)),
    { rounds: rounds(150), calls: 40 },
  )
  printTable('one call', perCall)
  const [, capture, reliable, , traced] = perCall
  const added = (what: string, value: number | undefined, most: number) =>
    check({ what, value: value ?? NaN, most, unit: 'us' })
  added('capture alone, p50', capture?.addedUs.value, 15)
  added('with reliability, p50', reliable?.addedUs.value, 30)
  added('with the OTel SDK, p50', traced?.addedUs.value, 50)
  const cpu = traced?.cpuRatio ?? NaN
  check({ what: 'with the OTel SDK, CPU', value: cpu, most: 1.15, unit: 'x bare' })
}
