/** The data of a view whose rows are replaced together: groups, and the rows within them. */
import * as vscode from "vscode";

export class GroupedTree<Node extends object> implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private roots: readonly Node[] = [];

  /** `childrenOf` returns the rows of a group, and none of a row. */
  constructor(
    private readonly childrenOf: (node: Node) => readonly Node[],
    readonly getTreeItem: (node: Node) => vscode.TreeItem,
    /** Called each time that the editor has got the rows without parents. */
    private readonly handedOut: () => void = () => undefined,
  ) {}

  /** Replaces all rows by these and those within them. */
  replace(roots: readonly Node[]): void {
    this.roots = roots;
    this.changed.fire(undefined);
  }

  getChildren(parent?: Node): Node[] {
    if (parent !== undefined) return [...this.childrenOf(parent)];
    this.handedOut();
    return [...this.roots];
  }
}
