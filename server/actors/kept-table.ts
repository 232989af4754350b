/*
 * Templates whose numbers outlive a process: those that an earlier one gave are known by name. Input: the names, and
 * definitions as they are used. Output: the same number for the same name. A name whose template has not been used
 * again yet stands for an empty one: nothing that is shown has it, and it is told anew as soon as something does.
 */

import type { Definition } from '../../shared/template/definition.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { compile } from '../html-parser.ts';
import { nameOf } from './template-name.ts';

const empty: TemplateStringsArray = Object.assign([''], { raw: [''] });

export class KeptTable extends TemplateTable {
  /** By number. */
  readonly names: string[];
  private readonly byName: Map<string, number>;
  private readonly byDefinition = new Map<Definition, number>();
  private readonly unknown: Definition;

  constructor(names: readonly string[]) {
    super();
    this.names = [...names];
    this.byName = new Map(names.map((name, number) => [name, number]));
    this.unknown = compile(empty, 'html', undefined);
    for (const _ of names) this.definitions.push(this.unknown);
  }

  override numberOf(definition: Definition): number {
    let number = this.byDefinition.get(definition);
    if (number !== undefined) return number;
    const name = nameOf(definition);
    number = this.byName.get(name);
    if (number === undefined) {
      number = this.definitions.push(definition) - 1;
      this.names.push(name);
      this.byName.set(name, number);
    } else if (this.definitions[number] === this.unknown) {
      this.definitions[number] = definition;
      this.renewed = Math.min(this.renewed, number);
    }
    this.byDefinition.set(definition, number);
    return number;
  }
}
