/** Forms that no rule makes out of each other. */
const irregular: ReadonlyMap<string, string> = new Map(
  Object.entries({
    go: 'went gone goes going',
    buy: 'bought',
    bring: 'brought',
    think: 'thought',
    teach: 'taught',
    catch: 'caught',
    make: 'made making',
    take: 'took taken taking',
    give: 'gave given giving',
    get: 'got gotten getting',
    see: 'saw seen',
    come: 'came coming',
    become: 'became',
    run: 'ran running',
    begin: 'began begun',
    drink: 'drank drunk',
    sing: 'sang sung',
    swim: 'swam swum',
    eat: 'ate eaten',
    drive: 'drove driven',
    write: 'wrote written writing',
    ride: 'rode ridden riding',
    choose: 'chose chosen',
    speak: 'spoke spoken',
    break: 'broke broken',
    wear: 'wore worn',
    grow: 'grew grown',
    know: 'knew known',
    fly: 'flew flown flies',
    draw: 'drew drawn',
    throw: 'threw thrown',
    fall: 'fell fallen',
    feel: 'felt',
    keep: 'kept',
    sleep: 'slept',
    leave: 'left leaving',
    lose: 'lost losing',
    meet: 'met',
    sell: 'sold',
    tell: 'told',
    find: 'found',
    hold: 'held',
    stand: 'stood',
    understand: 'understood',
    win: 'won',
    send: 'sent',
    spend: 'spent',
    build: 'built',
    pay: 'paid',
    say: 'said',
    hear: 'heard',
    lead: 'led',
    read: 'reading',
    child: 'children kid kids',
    man: 'men',
    woman: 'women',
    person: 'people persons',
    foot: 'feet',
    wife: 'wives',
    life: 'lives',
    favorite: 'favourite favourites favorites',
    color: 'colour colours colors',
    mother: 'mom mum mama',
    father: 'dad papa',
    photo: 'photograph photographs photos',
  }).flatMap(([base, forms]) => forms.split(' ').map((form): [string, string] => [form, base])),
)

/**
 * The word without its English ending. Cut alike, words of other languages lose an `s` or `e` and are still found by
 * themselves.
 */
export function stem(word: string): string {
  const base = irregular.get(word) ?? word
  if (base.length < 4 || !/^[a-z]+$/.test(base)) return base
  return withoutEnd(withoutVerbEnding(withoutPlural(base)))
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2)
  if (/[^su]s$/.test(word) && !word.endsWith('is')) return word.slice(0, -1)
  return word
}

function withoutVerbEnding(word: string): string {
  if (word.endsWith('ied') && word.length > 4) return `${word.slice(0, -3)}y`
  const [, start = ''] = /^(.*[aeiouy].*?)(?:ing|ings|ed|edly|ingly)$/.exec(word) ?? []
  if (start.length < 3 || word.endsWith('eed')) return word
  return /([^aeiouylsz])\1$/.test(start) ? start.slice(0, -1) : start
}

function withoutEnd(word: string): string {
  const start = word.replace(/(?:fulness|ation|ness|ment|ful|ly|ity)$/, '')
  const kept = start.length >= 4 ? start : word
  if (kept.length > 4 && kept.endsWith('e')) return kept.slice(0, -1)
  if (kept.length > 4 && /[^aeiou]y$/.test(kept)) return `${kept.slice(0, -1)}i`
  return kept
}
