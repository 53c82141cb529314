import type { Page } from "playwright-core";
import { settled } from "./settled.js";

/**
 * What is wrong with the layout of a page when it has drawn itself: sideways scrolling, cut text, controls over one another.
 * Elements of shadow trees are looked at too. Empty when all is well.
 */
export async function layoutProblems(page: Page): Promise<string[]> {
  await settled(page);
  return page.evaluate(() => {
    interface Box {
      left: number;
      top: number;
      right: number;
      bottom: number;
    }
    const problems: string[] = [];
    const viewport = document.documentElement.clientWidth;
    const wider = document.documentElement.scrollWidth - viewport;
    if (wider > 0) problems.push(`the page scrolls sideways by ${wider} pixels`);

    const all: Element[] = [];
    const walk = (root: ParentNode): void => {
      for (const node of root.querySelectorAll("*")) {
        all.push(node);
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    };
    walk(document.body);
    const parentOf = (node: Element): Element | null => {
      if (node.assignedSlot) return node.assignedSlot;
      if (node.parentElement) return node.parentElement;
      const root = node.getRootNode();
      return root instanceof ShadowRoot ? root.host : null;
    };
    const ancestors = (node: Element): Element[] => {
      const found: Element[] = [];
      for (let up = parentOf(node); up; up = parentOf(up)) found.push(up);
      return found;
    };
    const isShown = (node: Element): boolean =>
      node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      ![node, ...ancestors(node)].some((each) => {
        const style = getComputedStyle(each);
        return style.clipPath === "inset(50%)";
      });
    const clip = (node: Element, box: Box): Box => {
      const seen = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
      for (const up of ancestors(node)) {
        const { overflowX, overflowY } = getComputedStyle(up);
        const frame = up.getBoundingClientRect();
        if (overflowX !== "visible") {
          seen.left = Math.max(seen.left, frame.left);
          seen.right = Math.min(seen.right, frame.right);
        }
        if (overflowY !== "visible") {
          seen.top = Math.max(seen.top, frame.top);
          seen.bottom = Math.min(seen.bottom, frame.bottom);
        }
      }
      return seen;
    };
    const name = (node: Element): string =>
      `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} "${(node.textContent || node.getAttribute("aria-label") || "").trim().slice(0, 30)}"`;

    // Text that leaves the window, or a frame that hides what does not fit (unless it scrolls or tells all in a title).
    for (const node of all) {
      if (!isShown(node)) continue;
      for (const child of node.childNodes) {
        if (child.nodeType !== Node.TEXT_NODE || !child.textContent?.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(child);
        for (const box of range.getClientRects()) {
          if (box.width === 0) continue;
          const scrolls = ancestors(node).some((up) => /auto|scroll/.test(getComputedStyle(up).overflowX));
          if (!scrolls && (box.right > viewport + 1 || box.left < -1))
            problems.push(`text leaves the window: ${name(node)}`);
          const hider = [node, ...ancestors(node)].find((up) => {
            if (!/hidden|clip/.test(getComputedStyle(up).overflowX)) return false;
            const frame = up.getBoundingClientRect();
            return box.right > frame.right + 1 || box.left < frame.left - 1;
          });
          const told = hider && [hider, ...ancestors(hider)].some((up) => up.hasAttribute("title"));
          if (hider && !told) problems.push(`text is cut: ${name(node)}`);
        }
      }
    }

    const controls = all.filter(
      (node) =>
        node.matches(
          "button, a[href], input, textarea, summary, vscode-dropdown, vscode-checkbox, vscode-panel-tab",
        ) &&
        isShown(node) &&
        ![node, ...ancestors(node)].some(
          (up) => getComputedStyle(up).position === "sticky" && up.matches("th, thead, tr"),
        ),
    );
    const boxes = controls
      .map((node) => ({ node, box: clip(node, node.getBoundingClientRect()) }))
      .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
    boxes.forEach(({ node, box }, index) => {
      for (const other of boxes.slice(index + 1)) {
        const nested = ancestors(other.node).includes(node) || ancestors(node).includes(other.node);
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (!nested && across > 1.5 && down > 1.5)
          problems.push(`${name(node)} overlaps ${name(other.node)}`);
      }
    });
    return [...new Set(problems)];
  });
}
