import { driverFacts } from './drivers/driver.ts'
import type { DriverName, Wire } from './drivers/driver.ts'

/** A framework on a wire, whole or streamed. */
export interface Combination {
  readonly driver: DriverName
  readonly wire: Wire
  readonly stream: boolean
}

/** All that the frameworks can speak. */
export function combinationsOf(drivers: readonly DriverName[]): Combination[] {
  return drivers.flatMap((driver) =>
    driverFacts[driver].wires.flatMap((wire) =>
      [false, true].map((stream) => ({ driver, wire, stream })),
    ),
  )
}

/** As it is printed: `langgraph/gemini/stream`. */
export function nameOf({ driver, wire, stream }: Combination): string {
  return `${driver}/${wire}/${stream ? 'stream' : 'whole'}`
}
