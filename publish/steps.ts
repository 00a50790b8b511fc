/** What takes time, told while it happens; one step at a time. */
export interface Steps {
  begin(name: string): void
  update(text: string): void
  done(text: string): void
}
