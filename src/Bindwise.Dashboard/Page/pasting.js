// What is pasted into a field of one line: the browser drops the ends of its lines there, which the reader of errors needs.
export class Pasting {
  #pasted = '';

  /** @param {HTMLInputElement} field */
  constructor(field) {
    this.field = field;
    field.addEventListener('paste', event => this.#take(event));
  }

  /** What the field stands for: the text as it was pasted, unless it was changed since. */
  get text() {
    return (this.field.value === shown(this.#pasted) ? this.#pasted : this.field.value).trim();
  }

  #take(event) {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const isWhole = this.field.value === '' || this.field.selectionEnd - this.field.selectionStart === this.field.value.length;
    if (!isWhole || !text.trim().includes('\n'))
      return;
    event.preventDefault();
    this.#pasted = text;
    this.field.value = shown(text);
  }
}

const shown = text => text.trim().replaceAll(/\s*\n\s*/g, ' ');
