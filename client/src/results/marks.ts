import { parseQuery } from "../search/query/query";

const MIN_WORD = 2;

/** Returns the ranges [start, end) of the words of a query in a label, in any letter case. */
export function marksOf(label: string, query: string): [number, number][] {
  const words =
    parseQuery(query)
      .text.toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu) ?? [];
  const marked = new Set<number>();
  const text = label.toLowerCase();
  if (text.length !== label.length) return []; // letters that change their length in lower case
  for (const word of words.filter(({ length }) => length >= MIN_WORD))
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
      for (let index = at; index < at + word.length; index += 1) marked.add(index);
  const starts = [...marked].filter((index) => !marked.has(index - 1)).sort((one, other) => one - other);
  return starts.map((start) => {
    let end = start;
    while (marked.has(end)) end += 1;
    return [start, end];
  });
}
