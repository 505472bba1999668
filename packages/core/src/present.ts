/** The members that have a value: what optional properties of exact types are made from. */
export function present<Source extends object>(
  source: Source,
): { [Name in keyof Source]?: Exclude<Source[Name], undefined> } {
  const members: Partial<Source> = {}
  for (const name in source) if (source[name] !== undefined) members[name] = source[name]
  return members as { [Name in keyof Source]?: Exclude<Source[Name], undefined> }
}
