// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/html_text.hpp"

namespace sgpr::validate {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b2430;--soft:#5b6776;
--line:#dfe3e8;
--ok:#1a7f4b;--ok-b:#e3f4ea;--warn:#8a5a00;--warn-b:#fdf1d3;--bad:#b3261e;--bad-b:#fce4e2;
--none:#66717f;--none-b:#edeff2;--link:#1a5fb4}
@media (prefers-color-scheme:dark){:root{--page:#14181d;--card:#1d2329;--ink:#e5e9ee;
--soft:#9aa6b3;
--line:#323b45;--ok:#6fd39b;--ok-b:#173626;--warn:#efc35b;--warn-b:#3d3011;--bad:#ff9c94;
--bad-b:#471d1b;--none:#a3aeba;--none-b:#2a323a;--link:#8ab8f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:36px 24px 64px}
header p,.soft{color:var(--soft)} header p{margin:.2em 0 0}
h1{font-size:27px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:19px;margin:42px 0 12px} h3{font-size:16px;margin:0}
section.card,article{background:var(--card);border:1px solid var(--line);border-radius:10px}
.verdict{display:flex;gap:18px;align-items:center;margin-top:24px;padding:20px 24px;
border-radius:10px;border:1px solid;border-left-width:8px}
.verdict .sign{font-size:34px;line-height:1;width:40px;text-align:center;flex:none}
.verdict strong{font-size:20px;display:block;line-height:1.3}
.is-passed{color:var(--ok);background:var(--ok-b)} .is-warning{color:var(--warn);
background:var(--warn-b)}
.is-failed{color:var(--bad);background:var(--bad-b)}
.is-cancelled,.is-not_applicable{color:var(--none);background:var(--none-b)}
.verdict span.say{color:var(--ink)}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;
margin-top:14px}
.counts div{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:12px 16px}
.counts b{font-size:24px;display:block;line-height:1.2;font-variant-numeric:tabular-nums}
.badge{display:inline-flex;gap:.4em;align-items:baseline;padding:2px 10px;border-radius:99px;
font-size:13px;font-weight:600;white-space:nowrap}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:9px 14px;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:13px;vertical-align:bottom}
tbody th{font-weight:500} td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;
white-space:nowrap}
code,.mono{font:12.5px/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",monospace;
overflow-wrap:anywhere}
a{color:inherit;text-decoration:none} a:hover{text-decoration:underline}
tbody th a{color:var(--link)}
article{padding:18px 22px;margin-top:14px;break-inside:auto}
section.card{padding:10px 22px 18px} section.text{padding:6px 22px} td.all{color:var(--soft)}
article>.head{display:flex;gap:14px;justify-content:space-between;align-items:flex-start}
article>p{margin:4px 0 0;color:var(--soft)}
.on{margin-top:14px;padding-top:14px;border-top:1px solid var(--line)}
.on>.head{display:flex;gap:12px;align-items:baseline;flex-wrap:wrap}
ul.findings{list-style:none;margin:10px 0 0;padding:0}
ul.findings li{display:grid;grid-template-columns:22px 1fr;gap:8px;margin-top:8px}
ul.findings .mark{font-weight:700;text-align:center}
.c-passed{color:var(--ok)}.c-warning{color:var(--warn)}.c-failed{color:var(--bad)}
.c-cancelled,.c-not_applicable{color:var(--none)}
.remedy{margin:4px 0 0;padding:8px 12px;border-left:3px solid var(--line);background:var(--page);
border-radius:0 6px 6px 0}
.remedy b{font-size:13px}
details{margin-top:10px} summary{cursor:pointer;color:var(--link);font-size:14px}
details .scroll{margin-top:8px;border-radius:6px} details table{font-size:13px;table-layout:fixed}
details td,details th{padding:5px 10px;overflow-wrap:anywhere} td .mono{display:block}
tr.surprising td{background:var(--bad-b)}
tr.surprising td:first-child{box-shadow:inset 4px 0 var(--bad)}
footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);
font-size:13px}
.w-n{width:40px}.w-node{width:100px}.w-time{width:96px}
@media print{:root{--page:#fff}main{max-width:none;padding:0}body{font-size:10.5pt}
article,.verdict,.counts div{break-inside:avoid-page}.scroll{overflow:visible}h2{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

/// Bytes of the UTF-8 character at `at`, 0 if it is none.
std::size_t character_size(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

} // namespace

std::string escaped(std::string_view text) {
    std::string said;
    for (std::size_t at = 0; at < text.size();) {
        const auto size = character_size(text, at);
        const auto c = text[at];
        if (size == 0 || (size == 1 && static_cast<unsigned char>(c) < 0x20)) {
            said += '?';
        } else if (c == '&') {
            said += "&amp;";
        } else if (c == '<') {
            said += "&lt;";
        } else if (c == '>') {
            said += "&gt;";
        } else if (c == '"') {
            said += "&quot;";
        } else {
            said += text.substr(at, size);
        }
        at += size == 0 ? 1 : size;
    }
    return said;
}

std::string_view report_style() {
    return style;
}

} // namespace sgpr::validate
