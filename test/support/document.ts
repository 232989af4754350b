// A whole page around what a test wants to look at.

import { html, type Template } from '../../shared/index.ts';
import type { HoleValue } from '../../shared/language/html.ts';

/** A document with the element's script, and `content` in its body. */
export function documentWith(content: HoleValue): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <title>Test</title>
        <script type="module" src="/islet/element.js"></script>
      </head>
      <body>
        ${content}
      </body>
    </html>
  `;
}
