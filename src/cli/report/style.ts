/** How the report looks: by light and by dark, on a small screen, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1c1f; --soft: #50565e; --page: #fff; --line: #c9ced6; --head: #f1f3f6; --good: #0b6b35; --goodpage: #e8f6ed; --bad: #a3151b; --badpage: #fdecec; --link: #0a4ea3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #aab1ba; --page: #15181c; --line: #3a4049; --head: #20252b; --good: #7fd6a0; --goodpage: #12281b; --bad: #ff9a9a; --badpage: #331619; --link: #8ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 82rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.8rem; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: .3rem 1.5rem; margin: .5rem 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.holds, .broken { padding: .7rem 1rem; border-left: .35rem solid; }
.holds { color: var(--good); background: var(--goodpage); }
.broken { color: var(--bad); background: var(--badpage); }
.side { display: grid; grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); gap: 0 1.5rem; align-items: start; font-size: .93rem; }
.side th, .side td { min-width: 0; }
.side td, .side thead th:not(:first-child) { width: 1%; white-space: nowrap; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; min-width: 6em; }
thead th { background: var(--head); font-size: .85rem; overflow-wrap: normal; }
tbody th { font-weight: 500; }
td time, td code { white-space: nowrap; }
small { color: var(--soft); }
pre { margin: .3rem 0; padding: .5rem; background: var(--head); white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.4 ui-monospace, monospace; }
code { font: .85rem ui-monospace, monospace; }
article { border: 1px solid var(--line); border-radius: .4rem; padding: 1rem; margin: 1rem 0; }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --page: #fff; --line: #999; --head: #eee; --good: #000; --goodpage: #fff; --bad: #000; --badpage: #fff; --link: #000; }
  @page { margin: 14mm; }
  body { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  tr, .holds, .broken { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  article { border-radius: 0; }
}
`;
