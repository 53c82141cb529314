import { isAlias, isCollection, isScalar, visit, type Document, type Node } from "yaml";

/**
 * What each alias (`*name`) of a document stands for: the last anchor of that name before it. One walk, so that no
 * number of aliases is slow; nothing is copied or expanded.
 */
export function aliasTargets(document: Document): ReadonlyMap<unknown, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  visit(document, (_, node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
  });
  return targets;
}
