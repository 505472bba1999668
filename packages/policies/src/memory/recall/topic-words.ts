/** What a memory of a known topic is asked for by, beside the words that it was said with. */
const words: Readonly<Record<string, string>> = {
  name: 'name called nombre nom nome 名字 名前',
  called: 'name nickname call address',
  home: 'live living home city town address reside wohnen wohnort leben habiter vivir residencia 住 住所',
  employer: 'work job company employer arbeit firma travail trabajo empresa lavoro 工作 仕事',
  job: 'work job profession occupation beruf arbeit métier trabajo lavoro 工作 職業',
  origin: 'from origin born hometown country herkunft',
  allergy: 'allergy allergic food eat allergie alergia 过敏 アレルギー',
  diet: 'diet food eat meal',
  favorite: 'favorite like prefer best',
  taste: 'like prefer preference dislike favorite',
  choice: 'prefer preference choice like',
  language: 'language answer reply speak sprache langue idioma lingua 语言 言語',
}

/** Words to add to those of a memory of this topic; a space before them where there are any. */
export function topicWords(topic: string | undefined): string {
  const added = topic === undefined ? undefined : words[topic.split(':', 1)[0] ?? '']
  return added === undefined ? '' : ` ${added}`
}
