// Writes docs/faults.md anew: node --conditions=@holdfast/source test/faults/write-page.ts
import { writeFileSync } from 'node:fs'
import { faultsPage } from './page.ts'

writeFileSync(new URL('../../docs/faults.md', import.meta.url), faultsPage())
