import type { Blocks } from '../blocks.ts'
import type { LineCaller, LineMemory } from './caller.ts'
import { noNote, noteFrom } from './note.ts'
import type { Note } from './note.ts'

/**
 * What was put into a session's requests, where every process finds it: a conversation that goes on elsewhere begins
 * with the same bytes there.
 */
export class KeptNotes {
  readonly #memory: LineMemory
  readonly #bug: (error: unknown) => void

  constructor(memory: LineMemory, bug: (error: unknown) => void) {
    this.#memory = memory
    this.#bug = bug
  }

  /** Keeps it in the background. */
  keep(caller: LineCaller, key: string, { lines, says }: Note): void {
    const blocks = this.#blocks(caller)
    if (blocks === undefined || lines.length === 0) return
    blocks.set(key, JSON.stringify({ lines, says })).catch(this.#bug)
  }

  /** What was put in at these turns. */
  async find(caller: LineCaller, keys: readonly string[]): Promise<ReadonlyMap<string, Note>> {
    const kept = new Map<string, Note>()
    const wanted = new Set(keys)
    for (const { label, text: json } of (await this.#blocks(caller)?.list()) ?? []) {
      if (wanted.has(label)) kept.set(label, noteIn(json))
    }
    return kept
  }

  /** Apart from the blocks of the application. */
  #blocks(caller: LineCaller): Blocks | undefined {
    const { session } = caller
    if (session === undefined) return undefined
    return this.#memory.blocks({ ...caller, session: `holdfast-notes:${session}` })
  }
}

function noteIn(json: string): Note {
  const { lines, says } = JSON.parse(json) as Partial<Note>
  return Array.isArray(lines) && Array.isArray(says) ? noteFrom(lines, says) : noNote
}
