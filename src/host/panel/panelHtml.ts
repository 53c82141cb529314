import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The folder that pages may load from: the bundles, nothing else of the extension. */
export function pageFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "dist");
}

/**
 * A page of the extension: its bundled script and styles (`<page>.js`, `<page>.css`), nothing inline and nothing from
 * elsewhere. Pictures come as messages (`blob:`) or are drawn (`data:`).
 */
export function panelHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page = "panel"): string {
  const address = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(pageFolder(extensionUri), name)).toString();
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit tries out one <style> element; it takes the nonce from the meta below.
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `img-src ${webview.cspSource} blob: data:`,
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DEX-AR</title>
<link rel="stylesheet" href="${address(`${page}.css`)}">
</head>
<body>
<script nonce="${nonce}" src="${address(`${page}.js`)}"></script>
</body>
</html>
`;
}
