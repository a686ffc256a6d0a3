// Every page works without this file. Each import adds one comfort.
import "@digdir/designsystemet-web/clickdelegatefor";
import "@digdir/designsystemet-web/details";
import "@digdir/designsystemet-web/dialog";
import "@digdir/designsystemet-web/ds-error-summary";
import "@digdir/designsystemet-web/invokers";
import "htmx.org/dist/htmx.esm.js";
import "./announce.js";
import "./busy.js";
import "./countdown.js";
import "./counter.js";
import "./files.js";
import "./keys.js";
import "./live.js";
import "./menus.js";
import "./parts.js";
import "./stale.js";
