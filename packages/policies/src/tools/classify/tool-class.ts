/** What a tool can do to the world, from harmless to dangerous within each kind. */
export type ToolClass =
  | 'read-only'
  | 'network-read'
  | 'file-write'
  | 'file-destructive'
  | 'db-write'
  | 'db-destructive'
  | 'network-write'
  | 'communication'
  | 'credential'
  | 'identity-admin'
  | 'infra-destructive'
  | 'payment'
  | 'exec'

/** Every class, the least dangerous first. */
export const toolClasses: readonly ToolClass[] = [
  'read-only',
  'network-read',
  'file-write',
  'db-write',
  'network-write',
  'communication',
  'file-destructive',
  'db-destructive',
  'credential',
  'identity-admin',
  'infra-destructive',
  'payment',
  'exec',
]

/** What an unknown tool counts as until somebody declares it: it may do anything. */
export const unknownToolClass: ToolClass = 'exec'

/** True where calling the tool twice, or by mistake, changes something. */
export function hasEffect(toolClass: ToolClass): boolean {
  return toolClass !== 'read-only' && toolClass !== 'network-read'
}
