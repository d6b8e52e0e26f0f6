/** The element's looks. A page changes them by `::part(…)` and by the custom properties. */
export const STYLE = `
:host {
  --eye-accent: #0f6b66;
  --eye-on-accent: #fff;
  --eye-ground: #fff;
  --eye-ink: #17211f;
  --eye-soft: #56635f;
  --eye-line: #d5deda;
  --eye-focused: #12857c;
  --eye-unfocused: #c2680c;
  --eye-unknown: #8a9793;
  --eye-alarm: #9f2d20;
  display: block;
  color: var(--eye-ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :host {
    --eye-accent: #5cc9bf;
    --eye-on-accent: #06201e;
    --eye-ground: #182120;
    --eye-ink: #e8efed;
    --eye-soft: #a3b1ad;
    --eye-line: #35423f;
    --eye-focused: #3fbfb2;
    --eye-unfocused: #f0a04b;
    --eye-alarm: #ffb4a8;
  }
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; }
.box {
  display: grid;
  gap: .8rem;
  padding: 1rem 1.15rem;
  border: 1px solid var(--eye-line);
  border-radius: .9rem;
  background: var(--eye-ground);
}
.stack { display: grid; gap: .7rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; }
.title { font-weight: 650; }
.soft { color: var(--eye-soft); font-size: .9375rem; }
.alarm { color: var(--eye-alarm); font-weight: 600; }
.grow { flex: 1 1 8rem; }
video {
  width: 4.5rem;
  aspect-ratio: 4 / 3;
  object-fit: cover;
  border-radius: .5rem;
  background: #0b1211;
  transform: scaleX(-1);
}
.dot { width: .65rem; height: .65rem; border-radius: 50%; background: var(--eye-unknown); flex: none; }
.dot[data-account="focused"] { background: var(--eye-focused); }
.dot[data-account="unfocused"] { background: var(--eye-unfocused); border-radius: .15rem; }
[data-state="checking"] video { width: 11rem; }
.hint { flex: 1 0 100%; font-size: .9375rem; padding-left: .7rem; border-left: 3px solid var(--eye-accent); }
.hint:empty { display: none; }
[tabindex="-1"]:focus { outline: none; }
.rail { position: fixed; inset: 0 0 auto; z-index: 2147483647; height: 4px; background: var(--eye-unknown); pointer-events: none; }
.rail[data-account="focused"] { background: var(--eye-focused); }
.rail[data-account="unfocused"] { background: var(--eye-unfocused); }
.say::first-letter { text-transform: uppercase; }
.say { display: inline-block; }
summary { cursor: pointer; color: var(--eye-accent); font-weight: 600; }
pre { margin-top: .5rem; max-height: 14rem; overflow: auto; font: .8125rem/1.5 ui-monospace, monospace; }
select { font: inherit; max-width: 14rem; min-height: 2.6rem; border: 1px solid var(--eye-unknown); border-radius: .65rem; background: var(--eye-ground); color: inherit; }
button {
  font: inherit;
  font-weight: 600;
  min-height: 2.6rem;
  padding: .4rem 1rem;
  border-radius: .65rem;
  border: 1px solid var(--eye-unknown);
  background: transparent;
  color: inherit;
  cursor: pointer;
}
button.even { border-color: var(--eye-accent); color: var(--eye-accent); }
button.main { background: var(--eye-accent); color: var(--eye-on-accent); border-color: transparent; }
button:focus-visible, select:focus-visible, summary:focus-visible, pre:focus-visible { outline: 3px solid var(--eye-accent); outline-offset: 2px; }
button:disabled { opacity: .55; cursor: default; }
`;
