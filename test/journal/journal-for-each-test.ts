import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions, JournalSettings } from 'holdfast'
import { afterEach, beforeEach } from 'vitest'

/** A journal in a folder of its own for each test, and the Holdfast that writes it. */
export interface JournalForEachTest {
  readonly folder: string
  /** The journal's file. */
  readonly path: string
  readonly holdfast: Holdfast | undefined
  /** Begins anew, as another process would. */
  readonly again: (
    journal?: JournalSettings,
    options?: HoldfastOptions,
  ) => Promise<Holdfast & { readonly runs: NonNullable<Holdfast['runs']> }>
}

/** Makes the folder before each test, and takes Holdfast off and the folder away after it. */
export function journalForEachTest(): JournalForEachTest {
  let folder: string
  let holdfast: Holdfast | undefined
  const pathOf = (): string => join(folder, 'journal.db')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
  })
  afterEach(async () => {
    await holdfast?.uninstrument()
    holdfast = undefined
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    get folder() {
      return folder
    },
    get path() {
      return pathOf()
    },
    get holdfast() {
      return holdfast
    },
    async again(journal = {}, options = {}) {
      await holdfast?.uninstrument()
      const begun = instrument({
        ...options,
        telemetry: false,
        journal: { store: pathOf(), ...journal },
      })
      holdfast = begun
      const { runs } = begun
      if (runs === undefined) throw new Error('there is no journal')
      return { ...begun, runs }
    },
  }
}
