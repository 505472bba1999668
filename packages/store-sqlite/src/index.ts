export { openDatabase } from './open-database.ts'
export { sqliteJournal } from './journal/sqlite-journal.ts'
export type { SqliteJournalOptions } from './journal/sqlite-journal.ts'
