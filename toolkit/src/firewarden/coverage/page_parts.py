"""Style and script of the coverage page."""

STYLE = """
:root{color-scheme:light dark;--n:#fbd5d5;--t:#dcefff;--f:#fff0c2;--b:#d9f2d9;--e:#ecd9f7;--q:#888}
@media(prefers-color-scheme:dark){:root{--n:#5a2323;--t:#1d3a55;--f:#4d3d0a;--b:#1e4422;--e:#452259}}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem 8rem}
pre,code,output{font:13px/1.6 ui-monospace,monospace}
i{font-style:normal;border-radius:2px}
.n{background:var(--n)}.t{background:var(--t)}.f{background:var(--f)}.b{background:var(--b)}.e{background:var(--e)}
p .v{border-bottom:1px dotted var(--q)}
ol{padding-left:4rem}li::marker{color:var(--q)}
pre li{position:relative}pre li span{white-space:pre-wrap}
pre li[data-c]:not([data-c=""])::after{content:attr(data-c);position:absolute;right:0;color:var(--q)}
pre li:target{outline:1px solid var(--q)}
pre i:hover{outline:1px solid currentColor}
output{position:fixed;left:0;right:0;bottom:0;padding:.5rem 1rem;background:Canvas;border-top:1px solid var(--q);
white-space:pre-wrap;max-height:9rem;overflow:auto}
output:empty{display:none}
"""

SCRIPT = """
const report=JSON.parse(document.getElementById('report').textContent).report||[],all=[];
const walk=e=>{all.push(e);(e.children||[]).forEach(walk)};report.forEach(walk);
const told=document.getElementById('told');
const value=s=>{const k=Object.keys(s.value)[0];
if(!k)return 'skipped';
if(k==='undefined')return s.value.undefined.causeMessage||'unknown';
if(s.more)return 'other '+k.replace('Value','')+'s';
return JSON.stringify(s.value[k])};
document.querySelector('pre').addEventListener('mouseover',event=>{
const at=event.target.closest('i');if(!at)return;const e=all[at.dataset.n];
told.textContent=(e.values||[{value:{},count:0}]).map(s=>s.count+' times '+value(s)).join('\\n')});
"""
