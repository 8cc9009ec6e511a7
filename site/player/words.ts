// The words of the player and of the pages' frame, by their English; the page's language decides.
import chinese from './words.json';

/**
 * The words in the page's language.
 * @param english The English, which is the key.
 * @param values What stands for {0}, {1} and so on.
 */
export function t(english: keyof typeof chinese, ...values: string[]): string {
  const words = document.documentElement.lang === 'en' ? english : chinese[english];
  return words.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? '');
}

const number = /\d+(?:\.\d+)?/g;

/** A sentence by itself, or with {0} and so on in the place of its numbers; of a retry, which counts its attempts first, both parts. */
export function inChinese(sentences: Record<string, string>, english: string): string | undefined {
  const numbers = english.match(number) ?? [];
  let at = 0;
  const whole = sentences[english] ?? sentences[english.replace(number, () => `{${at++}}`)]?.replace(/\{(\d)\}/g, (_, index) => numbers[Number(index)]);
  const [, tried, why] = whole === undefined ? /^(.*?): (.*)$/.exec(english) ?? [] : [];
  const parts = tried === undefined ? [] : [tried, why].map(each => inChinese(sentences, each));
  return whole ?? (parts.length === 0 || parts.includes(undefined) ? undefined : parts.join('：'));
}
