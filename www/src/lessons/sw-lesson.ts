/** The open lesson: a card at the lower edge that leaves the page free to be used, since the page is what it is about. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../components/marks";
import { course } from "../context";
import { Watch } from "../state";
import { text } from "../strings";
import type { StepWords } from "../strings/lessons";
import { shared } from "../styles/shared";
import { LESSONS, stepOf } from "./lessons";
import { LESSON_IDS, type LessonId } from "./spots";
import { ENOUGH, type Trial } from "./trials";

const words = text.lessons;

/** What each lesson's task is about: how a trial is told. */
const TOLD: Partial<Record<LessonId, (trial: Trial) => [string, number]>> = {
  bits: ({ knobs, shares }) => [`${text.knob.shiftBits} ${knobs.shiftBits}`, shares["shift-wise"]],
  cause: ({ knobs, shares }) => [text.cause.value(knobs.unbalance), shares["layer-wise"]],
  weights: ({ knobs, shares }) => [
    `${text.knob.weightBits} ${knobs.weightBits}${knobs.bias === "none" ? "" : `, ${text.choices.bias[knobs.bias]}`}`,
    shares["shift-wise"],
  ],
};

@customElement("sw-lesson")
export class LessonCard extends LitElement {
  /** What the course has seen follows from all that happens on the page. */
  readonly #watch = new Watch(this, "everything");

  /** For whoever opens a lesson by keyboard or with a screen reader. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>("h2")?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    // Elsewhere Escape lets go of a channel.
    event.stopPropagation();
    course.leave();
  }

  protected override render() {
    const { lesson } = this.#watch.state;
    if (!lesson) return nothing;
    const step = stepOf(lesson);
    const of = LESSONS[lesson.id].length;
    const { name, steps } = words.courses[lesson.id];
    const here: StepWords | undefined = steps[step];
    if (!here) return nothing;
    const done = course.isDone;
    return html`<aside aria-label=${words.lessons} @keydown=${this.onKey}>
      <header>
        <h2 tabindex="-1">${words.lesson(LESSON_IDS.indexOf(lesson.id) + 1, LESSON_IDS.length, name)}</h2>
        <button class="plain" aria-label=${words.close} @click=${() => course.leave()}>${icon("close")}</button>
      </header>
      <div aria-live="polite">
        <p>${here.say}</p>
        ${here.task ? this.#task(here.task, here.found ?? "", done === true) : nothing}
      </div>
      ${here.task ? this.#trials(lesson.id) : nothing}
      <footer>
        <span class="steps" role="img" aria-label=${words.step(step + 1, of)}>
          ${Array.from({ length: of }, (_, i) => html`<span class=${i === step ? "here" : i < step ? "past" : ""}></span>`)}
        </span>
        <button ?disabled=${step === 0} @click=${() => course.go(-1)}>${words.back}</button>
        <button class=${done === false ? "" : "strong"} @click=${() => course.go(1)}>
          ${step < of - 1 ? (done === false ? words.skip : words.next) : this.#onward()}
        </button>
      </footer>
    </aside>`;
  }

  #onward(): string {
    const { next } = course;
    return next ? words.nextLesson(words.courses[next].name) : words.finish;
  }

  #task(task: string, found: string, done: boolean) {
    return html`<p class="task ${done ? "done" : ""}">
      ${icon(done ? "yes" : "task")}
      <span><strong>${done ? words.done : words.task}.</strong> ${done ? found : task}</span>
    </p>`;
  }

  #trials(id: LessonId) {
    const told = TOLD[id];
    if (!told || course.trials.length === 0) return nothing;
    return html`<ul class="trials small num" aria-label=${words.triedLabel}>
      ${course.trials.map((trial) => {
        const [what, share] = told(trial);
        return html`<li>${icon(share >= ENOUGH ? "yes" : "no")} ${words.tried(what, share)}</li>`;
      })}
    </ul>`;
  }

  static override styles = [
    shared,
    css`
      aside {
        position: fixed;
        z-index: 6;
        inset: auto 0 0;
        width: min(720px, 100%);
        max-height: 50vh;
        margin: 0 auto;
        overflow-y: auto;
        display: grid;
        gap: 8px;
        padding: 12px 24px 16px;
        background: var(--raised);
        border: 1px solid var(--mark-line);
        border-top: 4px solid var(--mark-line);
        border-bottom: 0;
        border-radius: 8px 8px 0 0;
        box-shadow: 0 -8px 32px rgb(0 0 0 / 0.16);
      }
      header,
      footer {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      h2 {
        flex: 1;
        outline: none;
      }
      .task {
        display: flex;
        gap: 8px;
        align-items: baseline;
        margin-top: 8px;
        padding: 8px 12px;
        border-radius: 6px;
        background: var(--mark);
      }
      .trials {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 16px;
      }
      .steps {
        display: flex;
        gap: 6px;
        flex: 1;
      }
      .steps span {
        width: 24px;
        height: 4px;
        background: var(--line);
      }
      .steps .past {
        background: var(--soft);
      }
      .steps .here {
        background: var(--ink);
        height: 8px;
        margin-top: -2px;
      }
      @media (max-width: 719px) {
        aside {
          padding: 8px 16px 12px;
        }
      }
      @media print {
        aside {
          display: none;
        }
      }
    `,
  ];
}
