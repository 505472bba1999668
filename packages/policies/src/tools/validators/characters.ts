// Control and format characters (bidirectional marks, zero-width ones, tags), private ones, line separators, every
// blank but the plain one, and the fillers that look like nothing. None has a use in a command, a path, a URL or SQL.
const hidden =
  /[[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Zs}]--[\t\n\r ]]|[\u115f\u1160\u3164\uffa0\u2800]|\u034f|\u17b4|\u17b5/v

/** The first character of a text that a reader cannot see, as `U+200B`; undefined where there is none. */
export function hiddenCharacterIn(text: string): string | undefined {
  const found = hidden.exec(text)
  return found === null ? undefined : codeName(found[0])
}

/** `U+200B` for a character. */
export function codeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
