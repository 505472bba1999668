import { DatabaseSync } from 'node:sqlite'
import { memory } from '@holdfast/policies/memory'
import type { Embedder } from '@holdfast/policies/memory'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import MiniSearch from 'minisearch'
import type { SpokenTurn } from './read-conversations.ts'

/** Finds turns: the ids of the best first. */
export type Find = (question: string) => Promise<readonly string[]>

/** Something that finds turns, made ready for a conversation. */
export interface Engine {
  readonly name: string
  open(turns: readonly SpokenTurn[]): Promise<Find>
}

/** So many are asked for; beyond that nobody would read. */
export const mostFound = 10

/** All engines see the same text. */
const textOf = ({ speaker, text }: SpokenTurn): string => `${speaker}: ${text}`

/** Holdfast's own recall over the turns of a session, on SQLite. */
export function holdfast(name: string, embedder?: Embedder): Engine {
  return {
    name,
    async open(turns) {
      const store = sqliteMemoryStore({ path: ':memory:' })
      const session = 'conversation'
      for (const turn of turns) {
        const text = textOf(turn)
        const [vector] = (await embedder?.embed([text])) ?? []
        await store.put({
          id: turn.id,
          version: 1,
          place: { tier: 'session', user: 'someone', session },
          kind: 'turn',
          text,
          importance: 0.5,
          atMs: turn.atMs,
          source: { by: 'user', session: turn.session },
          ...(embedder === undefined || vector === undefined
            ? {}
            : { embedding: { model: embedder.model, vector: Float32Array.from(vector) } }),
        })
      }
      const desk = memory({ store, ...(embedder === undefined ? {} : { embedder }) })
      return async (query) => {
        // How old a turn is says nothing about whether it answers the question.
        const weights = { recencyWeight: 0, relevanceWeight: 1, maxItems: mostFound }
        const hits = await desk.recall({ query, user: 'someone', session, ...weights })
        return hits.map(({ memory: { id } }) => id)
      }
    },
  }
}

/** SQLite's full text search as it comes: any of the words, by bm25. */
export const plainFts5: Engine = {
  name: 'plain FTS5',
  async open(turns) {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE VIRTUAL TABLE turn USING fts5(id UNINDEXED, text)')
    const add = database.prepare('INSERT INTO turn VALUES (?, ?)')
    for (const turn of turns) add.run(turn.id, textOf(turn))
    const find = database.prepare(
      'SELECT id FROM turn WHERE turn MATCH ? ORDER BY bm25(turn) LIMIT ?',
    )
    return async (question) => {
      const words = question.match(/[\p{L}\p{N}]+/gu) ?? []
      if (words.length === 0) return []
      const match = words.map((word) => `"${word}"`).join(' OR ')
      return find.all(match, mostFound).map(({ id }) => String(id))
    }
  },
}

/** MiniSearch as it comes. */
export const miniSearch: Engine = {
  name: 'MiniSearch',
  async open(turns) {
    const index = new MiniSearch<{ id: string; text: string }>({ fields: ['text'] })
    // An id that occurs twice is counted once.
    const unique = new Map(turns.map((turn) => [turn.id, textOf(turn)]))
    index.addAll([...unique].map(([id, text]) => ({ id, text })))
    return async (question) =>
      index
        .search(question)
        .slice(0, mostFound)
        .map(({ id }) => String(id))
  },
}
