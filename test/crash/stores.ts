import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import type { Cell } from './cell.ts'
import { cellName } from './cell.ts'

/** Where the cells keep their journals: a database file each, and one Redis for all. */
export class Stores implements AsyncDisposable {
  readonly #folder: string
  readonly #redis: RedisServer | undefined

  private constructor(folder: string, redis: RedisServer | undefined) {
    this.#folder = folder
    this.#redis = redis
  }

  static async open(folder: string, cells: readonly Cell[]): Promise<Stores> {
    const needsRedis = cells.some(({ store }) => store === 'redis')
    return new Stores(folder, needsRedis ? await startRedis() : undefined)
  }

  at(cell: Cell, keeper: string): { storeAt: string; storeIsWhole: () => boolean } {
    if (cell.store === 'redis') {
      return { storeAt: this.#redis?.url ?? '', storeIsWhole: () => true }
    }
    const storeAt = join(this.#folder, `${keeper}-${cellName(cell).replaceAll(',', '-')}.db`)
    return { storeAt, storeIsWhole: () => sqliteIsWhole(storeAt) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis?.stop()
  }
}

/** What `PRAGMA integrity_check` says of a database as its last process left it; the file itself is not touched. */
export function sqliteIsWhole(path: string, copyTo: string = dirname(path)): boolean {
  if (!existsSync(path)) return true
  const copy = join(copyTo, `${basename(path)}.check`)
  try {
    for (const part of ['', '-wal']) {
      if (existsSync(path + part)) copyFileSync(path + part, copy + part)
    }
    const database = new DatabaseSync(copy)
    try {
      const [row] = database.prepare('PRAGMA integrity_check').all()
      return row?.['integrity_check'] === 'ok'
    } finally {
      database.close()
    }
  } finally {
    for (const part of ['', '-wal', '-shm']) rmSync(copy + part, { force: true })
  }
}
