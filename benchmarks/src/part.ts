// A part of `pnpm bench`, in a process of its own: `part.ts <name> [--quick]`. Tells its parent each figure that is to hold.
import { join } from 'node:path'
import { startProvider } from './bench.ts'
import type { Part } from './bench.ts'

const name = process.argv[2] ?? ''
const quick = process.argv.includes('--quick')
const { run } = (await import(join(import.meta.dirname, 'parts', `${name}.ts`))) as { run: Part }
const provider = await startProvider()
await run({
  origin: provider.origin,
  quick,
  rounds: (full) => Math.ceil(quick ? full / 4 : full),
  check: (check) => process.send?.(check),
})
provider.stop()
process.disconnect?.()
