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
