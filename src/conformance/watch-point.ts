/** A place to wait at until a condition holds: whoever may have changed it says so. */
export class WatchPoint {
  #wake: () => void = () => {};

  /** Something may have changed. */
  changed(): void {
    const wake = this.#wake;
    this.#wake = () => {};
    wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
      });
    }
  }
}
