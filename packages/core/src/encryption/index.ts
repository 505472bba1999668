export { MasterKeys, open, seal, wrongKey } from './master-keys.ts'
export type { EncryptionOptions, Key } from './master-keys.ts'
