import type { DatabaseSync, StatementSync } from 'node:sqlite'

const texts = {
  beginWrite: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  find: 'SELECT * FROM journal_run WHERE id = ?',
  begin: `INSERT INTO journal_run (id, state, key, parent_id, agent, session, tenant, user, secret, created_at, updated_at, fence, owner, lease_until, log, log_place)
       VALUES (?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)`,
  take: `UPDATE journal_run SET state = 'running', fence = fence + 1, owner = ?, lease_until = ?, updated_at = ?, log = ?, log_place = ? WHERE ref = ?`,
  renew: 'UPDATE journal_run SET lease_until = ?, updated_at = ? WHERE id = ? AND fence = ?',
  update:
    'UPDATE journal_run SET state = ?, secret = ifnull(?, secret), updated_at = ? WHERE id = ? AND fence = ?',
  release:
    'UPDATE journal_run SET state = ?, secret = ifnull(?, secret), updated_at = ?, owner = NULL, lease_until = 0 WHERE id = ? AND fence = ?',
  insert: `INSERT INTO journal_entry (id, kind, at, data, payload)
       SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM journal_run WHERE ref = ? AND fence = ?)`,
  read: 'SELECT * FROM journal_entry WHERE id BETWEEN ? AND ? ORDER BY id',
  keep: 'INSERT INTO journal_chunk (id, content) VALUES (?, ?)',
  chunks: 'SELECT content FROM journal_chunk WHERE id BETWEEN ? AND ? ORDER BY id',
  inLog: 'SELECT * FROM journal_run WHERE log = ?',
  leaveLog: 'UPDATE journal_run SET log = NULL, log_place = NULL WHERE log = ?',
  putBlob: 'INSERT OR IGNORE INTO journal_blob (hash, content) VALUES (?, ?)',
  useBlob: 'INSERT OR IGNORE INTO journal_blob_use SELECT ?, ref FROM journal_blob WHERE hash = ?',
  blob: `SELECT content FROM journal_blob
       JOIN journal_blob_use ON journal_blob_use.blob = journal_blob.ref
       JOIN journal_run ON journal_run.ref = journal_blob_use.run
       WHERE journal_run.id = ? AND hash = ?`,
  removeEntries: 'DELETE FROM journal_entry WHERE id BETWEEN ? AND ?',
  removeChunks: 'DELETE FROM journal_chunk WHERE id BETWEEN ? AND ?',
  removeBlobs: `DELETE FROM journal_blob WHERE ref IN (SELECT blob FROM journal_blob_use WHERE run = ?)
       AND NOT EXISTS (SELECT 1 FROM journal_blob_use WHERE blob = journal_blob.ref AND run <> ?)`,
  removeUses: 'DELETE FROM journal_blob_use WHERE run = ?',
  removeRun: 'DELETE FROM journal_run WHERE ref = ?',
} as const

/** What is asked of the journal's tables. */
export type Statements = Readonly<Record<keyof typeof texts, StatementSync>>

/** Compiles it, once for a connection. */
export function prepare(database: DatabaseSync): Statements {
  const entries = Object.entries(texts).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(entries) as Statements
}
