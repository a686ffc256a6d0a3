// What the office's pages add to ui/assets/legedialog.js. Every page works without this file.
import "../around/assets/chime.js";
import "../calendar/assets/cells.js";
