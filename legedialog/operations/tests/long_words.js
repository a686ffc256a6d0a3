// What of a page lies outside the screen, or is cut off, once everything is open and every field is filled in.
(word) => {
  for (const each of document.querySelectorAll("details:not([data-menu])")) each.open = true;
  const fields = document.querySelectorAll("main textarea, main input:is([type=text], [type=search], :not([type]))");
  for (const each of fields) each.value = word.repeat(8);
  const faults = [];
  const said = (element) => element.outerHTML.replaceAll(/\s+/g, " ").slice(0, 110);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX);

  function see(element, box) {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (scrolls(style)) return;
      const edge = each.getBoundingClientRect();
      if (edge.width <= 1 || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return; // for ears; or it says so
      const isCut = style.overflowX !== "visible" && box.right > edge.right + 1;
      if (isCut || (style.overflowY !== "visible" && box.bottom > edge.bottom + 1)) return faults.push(`cut off by ${said(each)}`);
    }
    if (box.right > innerWidth + 1) faults.push(`outside: ${said(element)}`);
  }

  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!texts.currentNode.data.includes(word.slice(0, 30)) || !parent.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects()) see(parent, box);
  }
  for (const each of fields) if (each.checkVisibility()) see(each.parentElement, each.getBoundingClientRect());
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
    faults.push(`${document.documentElement.scrollWidth} pixels wide: ${wide.length ? said(wide.at(-1)) : ""}`);
  }
  return [...new Set(faults)].slice(0, 4);
};
