import type { DatabaseSync } from 'node:sqlite'
import { HoldfastError } from '@holdfast/core'

/**
 * What each version of the tables added to the one before; the first makes them.
 *
 * An entry's id is its run's number and its own: one tree, in the order in which a run is read. Random ids as keys
 * would cost ten times as much.
 */
const migrations: readonly string[] = [
  `CREATE TABLE journal_run (
     ref INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     state TEXT NOT NULL,
     key TEXT, parent_id TEXT, agent TEXT, session TEXT, tenant TEXT, user TEXT,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     fence INTEGER NOT NULL,
     owner TEXT,
     lease_until INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX journal_run_by_key ON journal_run (key, updated_at) WHERE key IS NOT NULL;
   CREATE INDEX journal_run_by_time ON journal_run (updated_at);
   CREATE TABLE journal_entry (
     id INTEGER PRIMARY KEY,
     kind TEXT NOT NULL,
     at INTEGER NOT NULL,
     data ANY NOT NULL,
     payload BLOB
   ) STRICT;
   CREATE TABLE journal_blob (ref INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, content ANY NOT NULL) STRICT;
   CREATE TABLE journal_blob_use (
     run INTEGER NOT NULL,
     blob INTEGER NOT NULL,
     PRIMARY KEY (run, blob)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX journal_blob_use_by_blob ON journal_blob_use (blob);`,
  'ALTER TABLE journal_run ADD COLUMN secret TEXT;',
  // What the owner of a run records stands in a log beside the file; chunks are what was copied from such logs.
  `ALTER TABLE journal_run ADD COLUMN log TEXT;
   ALTER TABLE journal_run ADD COLUMN log_place INTEGER;
   CREATE INDEX journal_run_by_log ON journal_run (log) WHERE log IS NOT NULL;
   CREATE TABLE journal_chunk (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;`,
  // Frames in logs and chunks have another checksum; those with the one before are read as they are.
  '',
]

/**
 * Brings the journal's tables up to this version.
 * @throws HoldfastError STORE_UNUSABLE where a newer version of Holdfast has written the file
 */
export function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database) === migrations.length) return
  // Two processes may open a new file at once: the second finds the work done.
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(database)
    if (version > migrations.length) {
      throw new HoldfastError(
        'STORE_UNUSABLE',
        `${path} was written by a newer version of holdfast (journal version ${version}, this one knows ${migrations.length}); update holdfast, or name another file`,
      )
    }
    database.exec('CREATE TABLE IF NOT EXISTS journal_version (version INTEGER NOT NULL) STRICT')
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec('DELETE FROM journal_version')
    database.prepare('INSERT INTO journal_version VALUES (?)').run(migrations.length)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function versionOf(database: DatabaseSync): number {
  const table = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'journal_version'`).get()
  if (table === undefined) return 0
  return Number(database.prepare('SELECT version FROM journal_version').get()?.['version'] ?? 0)
}
