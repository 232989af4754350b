// What the server writes for an app (`clientApp` in server/pages/page.ts), made where the test runs.

import { compile } from '../../client-runtime/dom/html-parser.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { preview } from '../../shared/runtime/preview.ts';
import { scriptJson } from '../../shared/template/escape.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';

/** The content of an app's element as it comes from the server. */
export function serverHtml(component: AnyComponent, props?: unknown): string {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(logicOf(component).render(preview(component, props, [])));
  return `${renderContent(rendering.content)}<script type="application/json" data-islet>${scriptJson(props)}</script>`;
}
