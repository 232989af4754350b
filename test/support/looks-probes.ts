// What tests of looks ask a page about itself: each function runs in the page, and lists what is wrong there.

/** What has the focus by now. */
export interface Stop {
  readonly element: string;
  readonly isSeen: boolean;
}

/** What has the focus, unless it had it before. */
export function stopHere(): Stop | null {
  const { reached } = Object.assign(window, { reached: (window as { reached?: Set<Element> }).reached ?? new Set() });
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (element === null || element === document.body || reached.has(element)) return null;
  reached.add(element);
  // a ring may be drawn by what stands around a field
  const rings = [element, element.parentElement, element.closest('label')]
    .filter((each) => each !== null)
    .map((each) => getComputedStyle(each));
  const hasRing = rings.some(
    ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
  );
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const isInView = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  return { element: element.outerHTML.slice(0, 80), isSeen: hasRing && isInView };
}

/** What can be used and was not reached by Tab; of radio buttons one of each name is enough. */
export function unreached(): string[] {
  const { reached } = window as unknown as { readonly reached: ReadonlySet<Element> };
  const names = new Set(Array.from(reached, (element) => element.getAttribute('name')));
  const usable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  return Array.from(document.querySelectorAll<HTMLElement>(usable))
    .filter(
      (element) =>
        element.checkVisibility({ visibilityProperty: true }) &&
        !element.matches(':disabled, [type=hidden], [tabindex="-1"]'),
    )
    .filter(
      (element) =>
        !reached.has(element) && !(element.matches('[type=radio]') && names.has(element.getAttribute('name'))),
    )
    .map((element) => element.outerHTML.slice(0, 80));
}

/** What reaches over the page's edge, and what hides a part of its text, unless it scrolls by itself. */
export function cutOff(): string[] {
  const edge = document.documentElement.clientWidth + 0.5;
  const all = Array.from(document.body.querySelectorAll<HTMLElement>('*'));
  const isOfScroller = (element: Element): boolean => {
    for (let outer = element.parentElement; outer !== null; outer = outer.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX)) return outer !== document.body;
    }
    return false;
  };
  const found = all.filter((element) => {
    const { clipPath, overflowX } = getComputedStyle(element);
    if (clipPath !== 'none' || !element.checkVisibility()) return false;
    const hides = ['hidden', 'clip'].includes(overflowX) && element.scrollWidth > element.clientWidth + 1;
    return hides || (element.getBoundingClientRect().right > edge && !isOfScroller(element));
  });
  return found.map(({ localName, className }) => (className === '' ? localName : `${localName}.${className}`));
}

/** What is to be hit, and is too small; links within a text are as high as its lines. */
export function smallTargets(): string[] {
  const targets = Array.from(
    document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary'),
  );
  const isInText = (element: Element): boolean =>
    getComputedStyle(element).display === 'inline' &&
    element.parentElement?.textContent?.trim() !== element.textContent?.trim();
  // a link may be spread over what is around it
  const areaOf = (element: Element): Element => {
    const isSpread = getComputedStyle(element, '::after').position === 'absolute';
    return (isSpread && element instanceof HTMLElement && element.offsetParent) || element.closest('label') || element;
  };
  const sizeOf = (element: Element): number[] => {
    const [own, area] = [element.getBoundingClientRect(), areaOf(element).getBoundingClientRect()];
    return [Math.max(own.width, area.width), Math.max(own.height, area.height)];
  };
  return targets
    .filter(
      (element) =>
        element.checkVisibility({ visibilityProperty: true }) &&
        !element.matches('[type=hidden]') &&
        !isInText(element),
    )
    .filter((element) => sizeOf(element).some((length) => length < 24))
    .map((element) => `${sizeOf(element).join(' x ')}: ${element.outerHTML.slice(0, 80)}`);
}

/** The rules that are in force and move something. What only fades or changes its colour does not move. */
export function motions(): string[] {
  const isCalm = (property: string): boolean =>
    /color|opacity|shadow|fill|stroke|visibility|^composite$|^easing$|^offset$/.test(property);
  const inForce = (rules: CSSRuleList): CSSRule[] =>
    Array.from(rules).flatMap((rule) => {
      if (rule instanceof CSSMediaRule && !matchMedia(rule.conditionText).matches) return [];
      if (rule instanceof CSSKeyframesRule) return [rule];
      return [rule, ...(rule instanceof CSSGroupingRule || rule instanceof CSSStyleRule ? inForce(rule.cssRules) : [])];
    });
  const rules = Array.from(document.styleSheets).flatMap((sheet) => inForce(sheet.cssRules));
  const moving = rules
    .filter((rule) => rule instanceof CSSKeyframesRule)
    .filter(({ cssRules }) =>
      Array.from(cssRules).some((frame) => frame instanceof CSSKeyframeRule && !Array.from(frame.style).every(isCalm)),
    )
    .map(({ name }) => name);
  return rules
    .filter((rule) => rule instanceof CSSStyleRule)
    .filter(({ style }) => {
      const durations = style.transitionDuration.split(',').some((duration) => Number.parseFloat(duration) > 0);
      const slides = durations && !style.transitionProperty.split(', ').every(isCalm);
      return slides || moving.includes(style.animationName) || style.scrollBehavior === 'smooth';
    })
    .map(({ selectorText }) => selectorText);
}
