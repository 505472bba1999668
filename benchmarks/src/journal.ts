import { mkdtempSync, rmSync } from 'node:fs'
import { AsyncResource } from 'node:async_hooks'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { instrument } from 'holdfast'
import type { Holdfast, JournalSettings } from 'holdfast'
import OpenAI from 'openai'
import { interleave } from './interleave.ts'
import type { Measured, Variant } from './interleave.ts'
import { median } from './statistics.ts'

type JournalStore = Exclude<NonNullable<JournalSettings['store']>, string>
type Message = OpenAI.ChatCompletionMessageParam

/** What the journal costs, measured against the same without it. */
export interface JournalFigures {
  /** Reliability alone, and the journal on top. */
  readonly perCall: readonly Measured[]
  /** What a journaled turn costs more than one that is not, early and late in a conversation. */
  readonly turns: {
    readonly earlyUs: number
    readonly lateUs: number
    readonly earlyBytes: number
    readonly lateBytes: number
  }
  readonly forward: { readonly steps: number; readonly ms: number; readonly requests: number }
}

const prompt = 'Tell me about foxes and dogs, in some detail please. '.repeat(20).slice(0, 990)
const model = 'gpt-4o-mini'

/** Measures the journal on SQLite against a provider without latency of its own. */
export async function measureJournal(
  origin: string,
  { rounds, steps = 1_000 }: { readonly rounds: number; readonly steps?: number },
): Promise<JournalFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    const bench = new JournalBench(`${origin}/v1`, folder)
    return {
      perCall: await bench.perCall(rounds),
      turns: await bench.turns(),
      forward: await bench.forward(steps),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** So many conversations with the journal, each beside one without. */
const pairs = 15

interface TurnCost {
  readonly us: number
  readonly bytes: number
}

class JournalBench {
  readonly #baseURL: string
  readonly #store: string
  /** Of all blocks, as of a process that goes on: nothing is put off to where it is not measured. */
  readonly #openStore: JournalStore
  #prompts = 0

  constructor(baseURL: string, folder: string) {
    this.#baseURL = baseURL
    this.#store = join(folder, 'journal.db')
    this.#openStore = sqliteJournal({ path: this.#store })
  }

  async perCall(rounds: number): Promise<Measured[]> {
    const variants = [this.#variant(false), this.#variant(true)]
    const measured = await interleave(variants, { rounds, calls: 40 })
    await this.#openStore.close()
    return measured
  }

  /** A conversation grows by two messages of 200 characters a turn, with the journal and without, in turn. */
  async turns(): Promise<JournalFigures['turns']> {
    const last = 530
    const early: TurnCost[] = []
    const late: TurnCost[] = []
    for (let pair = 0; pair <= pairs; pair++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const without = await this.#conversation(last, pair, false)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { times, bytes } = await this.#conversation(last, pair, true)
      // The first pair only warms the code up.
      if (pair === 0) continue
      const around = (turn: number): TurnCost => {
        const part = (list: readonly number[]) => median(list.slice(turn - 10, turn + 30))
        return { us: part(times) - part(without.times), bytes: part(bytes) }
      }
      early.push(around(10))
      late.push(around(last - 30))
    }
    return {
      earlyUs: median(early.map(({ us }) => us)),
      lateUs: median(late.map(({ us }) => us)),
      earlyBytes: median(early.map(({ bytes }) => bytes)),
      lateBytes: median(late.map(({ bytes }) => bytes)),
    }
  }

  /** A run of many steps, gone on with at its end. */
  async forward(steps: number): Promise<JournalFigures['forward']> {
    const work = async (client: OpenAI): Promise<void> => {
      const messages: Message[] = []
      for (let step = 0; step < steps; step++) {
        messages.push({ role: 'user', content: `${step} ${prompt.slice(0, 200)}` })
        // The latest twenty: what is measured is the journal, not a body of a megabyte.
        await client.chat.completions.create({ model, messages: messages.slice(-20) })
      }
    }
    const first = this.#on(true)
    await first.run({ id: 'forward' }, () => work(this.#client()))
    await first.uninstrument()
    const second = this.#on(true)
    let answered = 0
    second.on(({ type }) => void (type === 'journal-answered' && answered++))
    const start = performance.now()
    await second.run({ id: 'forward' }, () => work(this.#client()))
    const ms = performance.now() - start
    await second.uninstrument()
    return { steps, ms, requests: steps - answered }
  }

  async #conversation(turns: number, pair: number, journaled: boolean) {
    const holdfast = this.#on(journaled)
    const times: number[] = []
    const messages: Message[] = []
    const id = `conversation ${pair}`
    await holdfast.run({ id }, async () => {
      const client = this.#client()
      for (let turn = 0; turn < turns; turn++) {
        messages.push({ role: 'user', content: `${turn} ${prompt.slice(0, 200)}` })
        const start = performance.now()
        const { choices } = await client.chat.completions.create({ model, messages })
        times.push((performance.now() - start) * 1000)
        messages.push({
          role: 'assistant',
          content: (choices[0]?.message.content ?? '').slice(0, 200),
        })
      }
    })
    const entries = (await holdfast.runs?.entries(id)) ?? []
    await holdfast.uninstrument()
    const bytes = entries.map(
      ({ data, payload }) => JSON.stringify(data).length + (payload?.byteLength ?? 0),
    )
    return { times, bytes }
  }

  #variant(journaled: boolean): Variant {
    let holdfast: Holdfast | undefined
    return {
      name: journaled ? 'with the journal' : 'with reliability',
      enter: () => {
        holdfast = this.#on(journaled, withoutClose(this.#openStore))
        const client = this.#client()
        const ask = () => {
          const messages: Message[] = [{ role: 'user', content: `${++this.#prompts} ${prompt}` }]
          return client.chat.completions.create({ model, messages })
        }
        // All calls of a block are one run, as an agent's are.
        return holdfast.run({}, () => AsyncResource.bind(ask))
      },
      async leave() {
        await holdfast?.uninstrument()
      },
    }
  }

  #on(journaled: boolean, store: JournalStore | string = this.#store): Holdfast {
    return instrument({
      telemetry: false,
      adapters: false,
      journal: journaled ? { store } : false,
    })
  }

  #client(): OpenAI {
    return new OpenAI({ apiKey: 'none', baseURL: this.#baseURL })
  }
}

/** The same store, which stays open for the next one. */
function withoutClose(store: JournalStore): JournalStore {
  return {
    acquire: (request) => store.acquire(request),
    renew: (leases, ttlMs) => store.renew(leases, ttlMs),
    update: (lease, change) => store.update(lease, change),
    append: (lease, entries, blobs) => store.append(lease, entries, blobs),
    record: (lease, entry, blobs) => store.record?.(lease, entry, blobs),
    find: (runId) => store.find(runId),
    list: (query) => store.list(query),
    read: (runId) => store.read(runId),
    blob: (runId, hash) => store.blob(runId, hash),
    remove: (runIds) => store.remove(runIds),
    close: async () => {},
  }
}
