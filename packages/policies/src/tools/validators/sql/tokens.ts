/** A piece of SQL that is neither blank nor comment. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** Words in upper case; everything else as written, strings without their content. */
  readonly text: string
}

/** A text as SQL tokens, or why it cannot be read the same way by every database. */
export type SqlTokens = { readonly tokens: readonly SqlToken[] } | { readonly unreadable: string }

const blank = /\s+/y
const lineComment = /--[^\n]*/y
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const number = /\d[\w.]*|\.\d\w*/y
const dollarQuote = /\$([A-Za-z_]\w*)?\$/y

/**
 * Takes SQL apart. Databases differ in what they take for a comment, a string or a name; where a text would be read
 * in two ways it is unreadable here, because one of them can hide a statement.
 */
export function sqlTokens(
  sql: string,
  { dollarQuotes = true }: { readonly dollarQuotes?: boolean } = {},
): SqlTokens {
  const tokens: SqlToken[] = []
  const take = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0]
  }
  for (let at = 0; at < sql.length;) {
    const space = take(blank, at)
    if (space !== undefined) {
      at += space.length
      continue
    }
    const character = sql[at] as string
    if (sql.startsWith('--', at)) {
      if (!/^(?:$|\s)/.test(sql.slice(at + 2, at + 3)))
        return { unreadable: '-- without a blank behind it is a comment in some databases only' }
      at += take(lineComment, at)?.length ?? 0
    } else if (sql.startsWith('/*', at)) {
      if (/[!+M]/.test(sql[at + 2] ?? ''))
        return { unreadable: 'a comment that some databases run' }
      const end = sql.indexOf('*/', at + 2)
      if (end < 0) return { unreadable: 'a comment without an end' }
      if (sql.slice(at + 2, end).includes('/*'))
        return { unreadable: 'a comment inside of a comment' }
      at = end + 2
    } else if (character === '#' && !/[>-]/.test(sql[at + 1] ?? '')) {
      return { unreadable: '# begins a comment in some databases only' }
    } else if (character === "'" || character === '"' || character === '`') {
      const end = closing(sql, at, character)
      if (end === undefined) return { unreadable: 'a quotation mark without an end' }
      const content = sql.slice(at + 1, end)
      if (content.includes('\\') && /\\["'`]|\\$/.test(content))
        return { unreadable: 'a backslash before a quotation mark' }
      tokens.push(
        character === "'"
          ? { kind: 'string', text: "''" }
          : { kind: 'quoted', text: content.toUpperCase() },
      )
      at = end + 1
    } else if (character === '$' && take(dollarQuote, at) !== undefined) {
      const mark = take(dollarQuote, at) as string
      const end = sql.indexOf(mark, at + mark.length)
      if (!dollarQuotes || end < 0) return { unreadable: 'a $ quotation' }
      tokens.push({ kind: 'string', text: "''" })
      at = end + mark.length
    } else {
      const found = take(word, at)
      const digits = found === undefined ? take(number, at) : undefined
      const text = found ?? digits ?? character
      tokens.push({
        kind: found !== undefined ? 'word' : digits !== undefined ? 'number' : 'symbol',
        text: text.toUpperCase(),
      })
      at += text.length
    }
  }
  return { tokens }
}

/** Where a quotation ends; a doubled mark stands for itself. */
function closing(sql: string, from: number, mark: string): number | undefined {
  for (let at = sql.indexOf(mark, from + 1); at >= 0; at = sql.indexOf(mark, at + 1)) {
    if (sql[at + 1] !== mark) return at
    at++
  }
  return undefined
}

/** The statements of a text, without empty ones. */
export function sqlStatements(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const statements: SqlToken[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter(({ length }) => length > 0)
}
