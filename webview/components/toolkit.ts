import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
  type Button,
  type Checkbox,
  type Dropdown,
  type Option,
  type Panels,
  type PanelTab,
  type PanelView,
  type ProgressRing,
  type TextArea,
  type TextField,
} from "@vscode/webview-ui-toolkit";

// Not its badge: that one sets a style attribute, which the page's security policy forbids.
provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeProgressRing(),
  vsCodeTextArea(),
  vsCodeTextField(),
);

declare global {
  interface HTMLElementTagNameMap {
    "vscode-button": Button;
    "vscode-checkbox": Checkbox;
    "vscode-dropdown": Dropdown;
    "vscode-option": Option;
    "vscode-panels": Panels;
    "vscode-panel-tab": PanelTab;
    "vscode-panel-view": PanelView;
    "vscode-progress-ring": ProgressRing;
    "vscode-text-area": TextArea;
    "vscode-text-field": TextField;
  }
}

/** Makes an element; where others share the page (`renderer/nativeControls.ts`) this is another function. */
export function createElement<K extends keyof HTMLElementTagNameMap>(tag: K): HTMLElementTagNameMap[K] {
  return document.createElement(tag);
}

export type { Button, Checkbox, Dropdown, Panels, ProgressRing, TextArea, TextField };
