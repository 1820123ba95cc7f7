/** Number of series colours; more runs than that repeat them and differ by dashes. */
export const SERIES = 8;

/**
 * Series colours keep their order, which was chosen so that neighbours stay apart for colour-blind readers; the dark ones
 * are steps of the same hues for a dark ground.
 */
const light = ['#2a78d6', '#d95926', '#1baf7a', '#4a3aa7', '#eda100', '#e87ba4', '#008300', '#e34948'];
const dark = ['#3987e5', '#eb7a4a', '#199e70', '#9085e9', '#c98500', '#d55181', '#3fae3f', '#e66767'];
const variables = (colors: string[]) => colors.map((color, i) => `--s${i}:${color};`).join('');

export const style = `
:root{color-scheme:light dark;--ground:#f6f6f4;--card:#fff;--ink:#15171a;--soft:#5a5f66;--line:#e2e2de;--grid:#ececea;--bar:#2a78d622;${variables(light)}}
@media (prefers-color-scheme:dark){:root{--ground:#141517;--card:#1d1f22;--ink:#eceef0;--soft:#a0a6ad;--line:#33363b;--grid:#2a2d31;--bar:#3987e544;${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:1160px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 12px}
h3{font-size:15px;margin:0 0 2px}
p{margin:0 0 12px}.soft,figcaption,th{color:var(--soft)}.small{font-size:13px}
section>p.soft{max-width:110ch}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 16px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:500;font-size:13px;text-align:left;vertical-align:bottom}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
tr:last-child>td,tr:last-child>th[scope=row]{border-bottom:0}
td.n,th.n{text-align:right;padding-left:12px;padding-right:8px}
th[scope=row]{color:var(--ink);font-size:15px;white-space:nowrap}
td.bar{background:linear-gradient(90deg,var(--bar) var(--share),transparent 0) no-repeat 0 50%/100% 70%}
b.top{font-weight:650}
.chip{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px;vertical-align:-1px;box-shadow:inset 0 0 0 1px #8886}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px}
.charts .card{margin:0}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:2px 0 8px;font-size:13px}
.legend .key{display:inline-block;width:18px;height:0;border-top:3px solid;border-radius:2px;margin-right:6px;vertical-align:4px}
.legend .key.dashed{border-top-style:dashed;border-radius:0}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:14px}
.strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(110px,1fr));gap:10px}
figure{margin:0}
figure img{display:block;width:100%;height:auto;border-radius:6px;background:var(--grid);image-rendering:pixelated}
figcaption{font-size:13px;margin-top:4px;line-height:1.35}
.ramp{display:flex;align-items:center;gap:6px;font-size:12px;color:var(--soft);margin-top:2px}
.ramp i{flex:1;height:7px;border-radius:4px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:0 0 12px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
details{margin-top:8px}summary{cursor:pointer;color:var(--soft)}
pre{background:var(--ground);border-radius:8px;padding:12px;overflow-x:auto;font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:8px 0 0}
ul{margin:4px 0 12px;padding-left:20px}
.status{font-size:12px;border:1px solid var(--line);border-radius:99px;padding:1px 9px;color:var(--soft);margin-left:8px;vertical-align:2px;font-weight:400}
@media print{body{background:#fff}.card{break-inside:avoid}details{display:none}}
`;
