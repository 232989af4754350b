/*
 * What a component shows before it runs. Input: a component, and what it starts with. Output: a rendering.
 */

import { type Attributes, toAttributeMessages } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { preview } from '../../shared/runtime/preview.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { compile } from '../html-parser.ts';

/** Renders a component's first state, with the marks that adoption needs. What its view throws is thrown. */
export function renderFirst(component: AnyComponent, props: unknown, attributes: Attributes): Rendering {
  return showFirst(component, props, attributes).rendering;
}

/** The same, with the model that is shown. */
export function showFirst(
  component: AnyComponent,
  props: unknown,
  attributes: Attributes,
): { readonly rendering: Rendering; readonly model: unknown } {
  const rendering = new Rendering(compile, new TemplateTable());
  const logic = logicOf(component);
  // what the component does not take is refused when it runs, too
  const snapshot = preview(component, props, toAttributeMessages(component, attributes), () => {});
  rendering.render(logic.render(snapshot));
  return { rendering, model: logic.modelOf(snapshot) };
}
