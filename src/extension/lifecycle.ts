import type { Disposable } from 'vscode';

/** Owns what it registers, and disposes of latecomers at once: an asynchronous start may end after the end. */
export abstract class DisposableOwner implements Disposable {
  #owned: Disposable[] = [];
  #disposed = false;

  protected get disposed(): boolean {
    return this.#disposed;
  }

  protected own<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    this.#disposed = true;
    for (const disposable of this.#owned.splice(0).reverse()) disposable.dispose();
  }
}
