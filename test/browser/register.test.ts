// `register`: a component as a custom element. What goes in (attributes, properties), what comes out (events, pseudo
// states), how it renders, and what is refused. Each test is one sentence about an element in a real page.

import { describe, expect, test, vi } from 'vitest';
import { emit, setup } from 'xstate';
import { register } from '../../client-runtime/app/register.ts';
import '../../client-runtime/machines.ts';
import { rating } from '../../components/rating.ts';
import { type Component, type ComponentDefinition, component, effect, html, on } from '../../shared/index.ts';
import { heard, nextName, rendered, show } from '../support/elements.ts';

type Message = { type: 'Told'; what: unknown } | { type: 'UserClicked' } | { type: 'UserSaved' };
type Told = readonly unknown[];

/** An element whose model is the list of what it was told. */
function define(options: Partial<ComponentDefinition<Told, Message, unknown>> = {}): Component<Told, Message, unknown> {
  const definition = component<Told, Message>({
    name: nextName(),
    init: () => [[], effect.none],
    update: (told, message) => [[...told, message.type === 'Told' ? message.what : message.type], effect.none],
    view: (told) => html`<p>${JSON.stringify(told)}</p><button @click=${{ type: 'UserClicked' }}>Click</button>`,
    ...options,
  });
  register(definition);
  return definition;
}

const tell = (what: unknown): Message => ({ type: 'Told', what });
const toldOf = (element: Element): unknown => JSON.parse((element.querySelector('p') as HTMLElement).innerText);
const press = (element: Element): void => (element.querySelector('button') as HTMLElement).click();

describe('an element', () => {
  test('shows its component and hears events', async () => {
    const { name } = define();
    const element = await show(`<${name}></${name}>`);
    expect(toldOf(element)).toEqual([]);
    press(element);
    await rendered();
    expect(toldOf(element)).toEqual(['UserClicked']);
  });

  test('renders many messages in one view', async () => {
    let views = 0;
    const { name } = define({
      view(told) {
        views++;
        return html`<p>${JSON.stringify(told)}</p><button @click=${{ type: 'UserClicked' }}></button>`;
      },
    });
    const element = await show(`<${name}></${name}>`);
    views = 0;
    for (let clicks = 0; clicks < 100; clicks++) press(element);
    await rendered();
    expect(views).toBe(1);
    expect(toldOf(element)).toHaveLength(100);
  });

  test('touches only the nodes that change', async () => {
    const { name } = define();
    const element = await show(`<${name}></${name}>`);
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((more) => records.push(...more));
    observer.observe(element, { attributes: true, characterData: true, childList: true, subtree: true });
    press(element);
    await rendered();
    expect(records.map(({ type, target }) => [type, target.parentNode?.nodeName])).toEqual([['characterData', 'P']]);
    observer.disconnect();
  });

  test('parses a template once for all elements of a component', async () => {
    const { name } = define();
    await show(`<${name}></${name}>`);
    const { innerHTML } = Object.getOwnPropertyDescriptors(Element.prototype);
    let parses = 0;
    Object.defineProperty(HTMLTemplateElement.prototype, 'innerHTML', {
      configurable: true,
      set(markup: string) {
        parses++;
        innerHTML?.set?.call(this, markup);
      },
    });
    document.body.append(...Array.from({ length: 20 }, () => document.createElement(name as string)));
    await rendered();
    Reflect.deleteProperty(HTMLTemplateElement.prototype, 'innerHTML');
    expect(document.querySelectorAll(`${name} button`)).toHaveLength(21);
    expect(parses).toBe(0);
  });

  test('reads events as data, with the options of the listener', async () => {
    const { name } = define({
      view: (told) => html`
        <p>${JSON.stringify(told)}</p>
        <input @input=${({ value }) => tell(value)}>
        <a href="#elsewhere" @click=${on(({ 'target.hash': hash }) => tell(hash), { preventDefault: true, include: ['target.hash'] })}>Go</a>
      `,
    });
    const element = await show(`<${name}></${name}>`);
    const input = element.querySelector('input') as HTMLInputElement;
    input.value = 'abc';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    (element.querySelector('a') as HTMLElement).click();
    await rendered();
    expect(toldOf(element)).toEqual(['abc', '#elsewhere']);
    expect(location.hash).toBe('');
  });

  test('starts the effects of init in the page and aborts them when it is gone', async () => {
    const signals: AbortSignal[] = [];
    const { name } = define({
      init: () => [[], effect.from((_, { signal }) => signals.push(signal as unknown as AbortSignal))],
    });
    const element = document.createElement(name as string);
    expect(signals).toEqual([]);
    document.body.append(element);
    await rendered();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    element.remove();
    await rendered();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('runs a state machine just as well', async () => {
    const name = nextName();
    const machine = setup({
      types: {
        events: {} as { type: 'switched' } | { type: 'set'; value: string },
        emitted: {} as { type: 'lit'; by: string },
      },
    }).createMachine({
      initial: 'off',
      on: { set: '.held' },
      states: {
        off: { on: { switched: 'on' } },
        on: { entry: emit({ type: 'lit', by: 'hand' }), after: { 10: 'off' } },
        held: {},
      },
    });
    const light = component({
      machine,
      name,
      view: (snapshot) => html`<button @click=${{ type: 'switched' }}>${String(snapshot.value)}</button>`,
      attributes: { value: (text) => ({ type: 'set', value: text ?? '' }) },
      states: (snapshot) => [String(snapshot.value)],
    });
    register(light);
    const element = await show(`<${name}></${name}>`);
    const events = heard(element, 'lit');
    press(element);
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]?.detail).toEqual({ by: 'hand' });
    // it changes by itself, too
    await expect.poll(() => element.innerText).toBe('off');
    expect(element.matches(':state(off)')).toBe(true);
    element.setAttribute('value', 'x');
    await rendered();
    expect(element.matches(':state(held)')).toBe(true);
    element.remove();
  });

  test('leaves others alone when a state machine throws while it is stopped, or fails by itself', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const problem = new Error('meant to fail');
    const name = nextName();
    const machine = setup({ types: { events: {} as { type: 'switched' } } }).createMachine({
      exit: () => {
        throw problem;
      },
      initial: 'off',
      states: {
        off: { on: { switched: 'on' } },
        // fails later, and by itself
        on: {
          after: { 10: 'off' },
          exit: () => {
            throw problem;
          },
        },
      },
    });
    register(
      component({
        machine,
        name,
        view: (snapshot) => html`<button @click=${{ type: 'switched' }}>${String(snapshot.value)}</button>`,
      }),
    );
    const element = await show(`<${name}></${name}>`);
    const states = heard(element, 'islet:state');
    press(element);
    // it goes on from what it showed last, and fails again
    await expect.poll(() => states.slice(0, 3).map(({ detail }) => detail.state)).toEqual(['failed', 'live', 'failed']);
    (await show(`<${name}></${name}>`)).remove();
    await rendered();
    const { name: other } = define();
    const next = await show(`<${other}></${other}>`);
    press(next);
    await rendered();
    expect(toldOf(next)).toEqual(['UserClicked']);
  });

  test('is shown again when somebody else has destroyed its content', async () => {
    const { name } = define({
      view: (told) => (told.length === 0 ? html`<i></i>${html`<p>[]</p>`}` : html`<i></i>${html`<p>["again"]</p>`}`),
      attributes: { say: tell },
    });
    const element = await show(`<${name}></${name}>`);
    element.innerHTML = '';
    element.setAttribute('say', 'again');
    // what mends it has to be loaded
    await expect.poll(() => element.querySelector('p') && toldOf(element)).toEqual(['again']);
  });
});

describe('attributes', () => {
  test('become messages in the order of the definition, before the first view', async () => {
    const views: Told[] = [];
    const { name } = define({
      attributes: { first: tell, second: tell, absent: tell },
      view(told) {
        views.push(told);
        return html`<p>${JSON.stringify(told)}</p>`;
      },
    });
    await show(`<${name} second="2" first="1" other="3"></${name}>`);
    expect(views).toEqual([['1', '2']]);
  });

  test('become messages when they change, and null when they are removed', async () => {
    const { name } = define({ attributes: { value: tell } });
    const element = await show(`<${name} value="1"></${name}>`);
    element.setAttribute('value', '2');
    element.removeAttribute('value');
    await rendered();
    expect(toldOf(element)).toEqual(['1', '2', null]);
  });

  test('that the component declares are what init gets, and no others', async () => {
    const { name } = define({
      init: (props) => [[props], effect.none],
      attributes: { b: tell, a: tell, absent: tell },
    });
    const element = await show(`<${name} a="1" b class="c" data-d="2"></${name}>`);
    expect(toldOf(element)).toEqual([{ a: '1', b: '' }, '', '1']);
    element.setAttribute('data-d', '3');
    await rendered();
    expect(toldOf(element)).toHaveLength(3);
  });
});

describe('properties', () => {
  const properties = { rows: tell };

  test('take values that are no text', async () => {
    const seen: unknown[] = [];
    const { name } = define({ properties: { rows: (value) => tell(seen.push(value)) } });
    const element = await show<HTMLElement & { rows?: unknown }>(`<${name}></${name}>`);
    const rows = [new Date(0), new Map([[1, 2]])];
    element.rows = rows;
    await rendered();
    expect(seen).toEqual([rows]);
    expect(seen[0]).toBe(rows);
    expect(element.rows).toBe(rows);
    expect(toldOf(element)).toEqual([1]);
  });

  test('may be set before the element is in the page', async () => {
    const { name } = define({ properties });
    const element = document.createElement(name as string) as HTMLElement & { rows?: unknown };
    element.rows = [1];
    element.rows = [1, 2];
    document.body.append(element);
    await rendered();
    expect(toldOf(element)).toEqual([[1, 2]]);
  });

  test('may be set before the element is defined', async () => {
    const name = nextName();
    const element = await show<HTMLElement & { rows?: unknown }>(`<${name}></${name}>`);
    element.rows = { late: true };
    define({ name, properties });
    await rendered();
    expect(toldOf(element)).toEqual([{ late: true }]);
    element.rows = 'set again';
    await rendered();
    expect(toldOf(element)).toEqual([{ late: true }, 'set again']);
  });

  test('come from another component by a property hole', async () => {
    const inner = define({ name: 'test-element-inner', properties });
    const parentName = nextName();
    register(
      component<number, { type: 'UserClicked' }>({
        name: parentName,
        init: () => [1, effect.none],
        update: (count) => [count + 1, effect.none],
        view: (count) =>
          html`<button @click=${{ type: 'UserClicked' }}></button><test-element-inner .rows=${[count]}></test-element-inner>`,
      }),
    );
    const parent = await show(`<${parentName}></${parentName}>`);
    const child = parent.querySelector(inner.name as string) as HTMLElement;
    expect(toldOf(child)).toEqual([[1]]);
    press(parent);
    await rendered();
    expect(toldOf(child)).toEqual([[1], [2]]);
  });
});

describe('events out', () => {
  test('bubble, pass shadow roots and carry any value', async () => {
    const detail = new Map([['a', 1]]);
    const { name } = define({ shadow: 'open', init: () => [[], effect.emit('told', detail)] });
    const wrapper = await show('<div></div>');
    const events = heard(document.body, 'told');
    wrapper.attachShadow({ mode: 'open' }).innerHTML = `<${name}></${name}>`;
    await rendered();
    expect(events.map((event) => [event.bubbles, event.composed, event.detail])).toEqual([[true, true, detail]]);
    expect(events[0]?.target).toBe(wrapper);
  });

  test('stay where their options say', async () => {
    const { name } = define({ init: () => [[], effect.emit('told', 1, { bubbles: false, composed: false })] });
    const element = document.createElement(name as string);
    const [own, around] = [heard(element, 'told'), heard(document.body, 'told')];
    document.body.append(element);
    await rendered();
    expect(own.map((event) => [event.bubbles, event.composed, event.detail])).toEqual([[false, false, 1]]);
    expect(around).toEqual([]);
  });

  test('find the DOM that goes with them', async () => {
    const { name } = define({
      update: (told, message) => [[...told, message.type], effect.emit('told')],
    });
    const element = await show(`<${name}></${name}>`);
    let shown: unknown;
    element.addEventListener('told', () => {
      shown = toldOf(element);
    });
    press(element);
    await rendered();
    expect(shown).toEqual(['UserClicked']);
  });
});

describe('pseudo states', () => {
  test('follow the model', async () => {
    const { name } = define({ states: (told) => (told.length % 2 === 0 ? ['even', 'calm'] : ['odd', 'calm']) });
    const element = await show(`<${name}></${name}>`);
    expect(['even', 'odd', 'calm'].map((state) => element.matches(`:state(${state})`))).toEqual([true, false, true]);
    press(element);
    await rendered();
    expect(['even', 'odd', 'calm'].map((state) => element.matches(`:state(${state})`))).toEqual([false, true, true]);
  });
});

describe('registering', () => {
  test('the same component twice is once', () => {
    const definition = define();
    expect(register(definition)).toBe(customElements.get(definition.name as string));
  });

  test('a second version of a component under its name is refused', () => {
    const { name = '' } = define();
    const other = component<null, Message>({
      name,
      init: () => [null, effect.none],
      update: () => [null, effect.none],
      view: () => html`<p></p>`,
    });
    expect(() => register(other)).toThrow(`ISLET_ERR_REGISTER: <${name}> is defined already`);
  });

  test("another library's name is refused", () => {
    const name = nextName();
    customElements.define(name, class extends HTMLElement {});
    expect(() => define({ name })).toThrow(`ISLET_ERR_REGISTER: <${name}> is defined already`);
  });

  test('a component without a name is refused', () => {
    const { name: _, ...nameless } = rating;
    expect(() => register(nameless)).toThrow('ISLET_ERR_REGISTER: give the component a name');
  });
});

describe('what the page holds already', () => {
  test('in an element that shows something else is replaced', async () => {
    const { name } = define();
    const element = await show(`<${name}>Loading…<b>please wait</b></${name}>`);
    expect(element.innerHTML).not.toContain('Loading');
    expect(toldOf(element)).toEqual([]);
  });

  test('is upgraded when the component is registered later', async () => {
    const name = nextName();
    const element = await show(`<${name} value="1"></${name}>`);
    expect(element.innerHTML).toBe('');
    define({ name, attributes: { value: tell } });
    await rendered();
    expect(toldOf(element)).toEqual(['1']);
  });
});
