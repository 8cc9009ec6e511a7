// In the place of player/words.ts: the page of `bindwise serve` is in English alone, and does not carry the translations.
import type chinese from '../player/words.json';

/**
 * The words.
 * @param english The words themselves.
 * @param values What stands for {0}, {1} and so on.
 */
export function t(english: keyof typeof chinese, ...values: string[]): string {
  return english.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? '');
}
