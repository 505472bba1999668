import { HoldfastError } from '@holdfast/core'
import type { JournalEntry, JournalRun, JournalRunFacts, JournalStore } from '@holdfast/core'
import { thisProcess } from '../owner.ts'
import type { Entries, EntryKind, Piece } from '../record/entries.ts'
import { entryText } from '../record/entry-text.ts'
import { readEntries } from '../record/read-entry.ts'

/** The first line of a file that holds a run. */
interface Head {
  readonly holdfastRun: 1
  /** False where what was said is left out: such a run can be looked at, and not gone on with. */
  readonly content: boolean
  readonly run: JournalRunFacts & Pick<JournalRun, 'state' | 'createdAtMs'>
}

/** The other lines: entries in order, and blobs. */
type Line =
  | (Omit<JournalEntry, 'data' | 'payload'> & { readonly data: unknown; readonly payload?: string })
  | { readonly blob: string; readonly content: string }

const leftOut = '[left out]'

/** A run as lines of JSON. What was said is left out unless it is asked for. */
export async function* exportRun(
  store: JournalStore,
  id: string,
  { content = false }: { readonly content?: boolean } = {},
): AsyncGenerator<string> {
  const run = await store.find(id)
  if (run === undefined) throw new HoldfastError('OPTIONS_INVALID', `there is no run ${id}`)
  const { fence: _fence, owner: _owner, leaseUntilMs: _until, updatedAtMs: _at, ...facts } = run
  const { user: _user, ...nobody } = facts
  yield line({ holdfastRun: 1, content, run: content ? facts : nobody })
  const blobs = new Set<string>()
  for (const { seq, kind, atMs, data, payload } of readEntries(await store.read(id))) {
    if (kind === 'llm') for (const hash of blobsOf(data)) blobs.add(hash)
    yield line({
      seq,
      kind,
      atMs,
      data: content ? data : withoutContent(kind, data),
      ...(content && payload !== undefined
        ? { payload: Buffer.from(payload).toString('base64') }
        : {}),
    })
  }
  if (!content) return
  for (const hash of blobs) {
    const blob = await store.blob(id, hash)
    if (blob !== undefined) yield line({ blob: hash, content: String(blob) })
  }
}

/**
 * Puts a run that was exported into a journal, under its id or another one. Answers the id.
 * @throws HoldfastError OPTIONS_INVALID where the file is none of these, or there is such a run already
 */
export async function importRun(store: JournalStore, text: string, asId?: string): Promise<string> {
  const [first = '', ...rest] = text.split('\n').filter((one) => one !== '')
  const head = parsed(first) as Head | undefined
  if (head?.holdfastRun !== 1) {
    throw new HoldfastError('OPTIONS_INVALID', 'this is no file that holdfast export has written')
  }
  const { state, createdAtMs: _, ...facts } = head.run
  const id = asId ?? facts.id
  if ((await store.find(id)) !== undefined) {
    throw new HoldfastError('OPTIONS_INVALID', `there is a run ${id} already; name another id`)
  }
  const answer = await store.acquire({
    facts: { ...facts, id },
    owner: thisProcess,
    ttlMs: 60_000,
  })
  if (!answer.taken) throw new HoldfastError('RUN_HELD', `another process works on run ${id}`)
  const { lease } = answer
  for (const lineText of rest) {
    const one = parsed(lineText) as Line
    if ('blob' in one) {
      await store.append(lease, [], [{ hash: one.blob, content: one.content }])
    } else {
      const { payload, data, ...entry } = one
      await store.append(lease, [
        {
          ...entry,
          data: entryText(entry.kind as EntryKind, data as Entries[EntryKind]),
          ...(payload === undefined ? {} : { payload: Buffer.from(payload, 'base64') }),
        },
      ])
    }
  }
  await store.update(lease, { state: state === 'running' ? 'failed' : state, release: true })
  return id
}

/** What an entry says of the course of the run, without what was said in it. */
function withoutContent(kind: EntryKind, data: Entries[EntryKind]): unknown {
  switch (kind) {
    case 'llm':
      return { ...(data as Entries['llm']), request: { elements: [] } }
    case 'tool-intent':
      return { ...(data as Entries['tool-intent']), arguments: JSON.stringify(leftOut) }
    case 'tool-outcome': {
      const { value, error, ...rest } = data as Entries['tool-outcome']
      return {
        ...rest,
        ...(value === undefined ? {} : { value: { as: 'json', value: leftOut } }),
        ...(error === undefined ? {} : { error: { name: error.name, message: leftOut } }),
      }
    }
    case 'resolution': {
      const { value, ...rest } = data as Entries['resolution']
      return value === undefined ? rest : { ...rest, value: { as: 'json', value: leftOut } }
    }
    default:
      return data
  }
}

function blobsOf({ request }: Entries['llm']): string[] {
  const pieces: (Piece | undefined)[] = [request.head, request.tail, ...request.elements]
  return pieces.flatMap((piece) => (typeof piece === 'object' ? [piece.blob] : []))
}

function line(value: Head | Line): string {
  return `${JSON.stringify(value)}\n`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
