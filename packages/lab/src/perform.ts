import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'

import type { Move } from './move.ts'
import type { Outcome } from './request.ts'

/** Where moves are performed. */
export interface Stage {
  readonly response: ServerResponse
  readonly socket: Socket
  /** Aborted when the connection is gone, whoever ended it. */
  readonly gone: AbortSignal
  /** The pause between two pieces of the body. */
  readonly chunkDelayMs: number
  readonly beforePiece: (index: number, bytes: Uint8Array) => void | Promise<void>
  /** Told how the request ended, at the latest when the last byte is on its way. */
  readonly settle: (outcome: Outcome) => void
  readonly headSent: (status: number) => void
  /** Makes the lab refuse connections for a while. */
  readonly goDown: (ms: number) => void
}

/** Performs an answer on a real connection, move by move, until it is done or the connection is gone. */
export async function perform(moves: readonly Move[], stage: Stage): Promise<void> {
  const { response, socket, gone, settle } = stage
  let sent = 0
  try {
    for (const move of moves) {
      gone.throwIfAborted()
      switch (move.do) {
        case 'head':
          stage.headSent(move.status)
          response.writeHead(move.status, move.headers)
          // A whole answer goes out with its head, as real servers do; a stream's head goes first.
          if (move.headers['content-length'] === undefined) response.flushHeaders()
          break
        case 'interim':
          response.writeProcessing()
          break
        case 'send':
          if (sent > 0 && move.atOnce !== true) await pause(stage)
          await stage.beforePiece(sent++, move.bytes)
          await written(response, move.bytes, gone)
          break
        case 'wait':
          // What is on its way arrives before the pause, a head too.
          if (response.headersSent) response.flushHeaders()
          await wait(move.ms, gone)
          break
        case 'raw':
          socket.write(move.bytes)
          break
        case 'repeat':
          await repeat(move, stage)
          break
        case 'end':
          settle('answered')
          response.end()
          return
        case 'reset':
          settle('cut-by-lab')
          socket.resetAndDestroy()
          return
        case 'close':
          settle('cut-by-lab')
          socket.destroySoon()
          return
        case 'down':
          settle('cut-by-lab')
          socket.resetAndDestroy()
          stage.goDown(move.ms)
          return
      }
    }
  } catch (error) {
    if (!gone.aborted) throw error
  }
}

async function pause({ chunkDelayMs, gone }: Stage): Promise<void> {
  // At least one turn of the event loop, so that pieces leave the process one by one.
  if (chunkDelayMs > 0) await wait(chunkDelayMs, gone)
  else await setImmediate()
  gone.throwIfAborted()
}

async function wait(ms: number, gone: AbortSignal): Promise<void> {
  if (Number.isFinite(ms)) return await setTimeout(ms, undefined, { signal: gone, ref: false })
  await new Promise<void>((resolve) => {
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function written(response: ServerResponse, bytes: Buffer, gone: AbortSignal): Promise<void> {
  if (response.write(bytes)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    gone.addEventListener('abort', done, { once: true })
  })
}

async function repeat(
  { bytes, everyMs, raw }: Extract<Move, { do: 'repeat' }>,
  { response, socket, gone }: Stage,
): Promise<void> {
  for (;;) {
    if (raw) socket.write(bytes)
    else await written(response, bytes, gone)
    await wait(everyMs, gone)
    gone.throwIfAborted()
  }
}
