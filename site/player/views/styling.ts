// Styles that are computed. A style attribute is what the pages' policy refuses; the element's own style object is not one.
import { ref } from 'lit-html/directives/ref.js';

/** Sets the properties on the element it stands on. */
export function styled(properties: Record<string, string>) {
  return ref(element => {
    for (const [name, value] of Object.entries(properties))
      (element as HTMLElement | undefined)?.style.setProperty(name, value);
  });
}
