//! How far, and how much longer, on standard error.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Counts finished pictures; may be shared by threads. On a terminal one line is kept up to date, elsewhere (a log) a
/// line appears every few seconds.
pub struct Progress {
    what: &'static str,
    total: usize,
    started: Instant,
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    done: usize,
    /// Since the start, when a line was last written.
    written: Duration,
}

impl Progress {
    pub fn new(what: &'static str, total: usize) -> Self {
        let state = Mutex::new(State { done: 0, written: Duration::ZERO });
        Progress { what, total, started: Instant::now(), terminal: std::io::stderr().is_terminal(), state }
    }

    /// One more is done.
    pub fn step(&self) {
        // A poisoned lock means that another thread panicked: nothing to report progress on.
        let Ok(mut state) = self.state.lock() else { return };
        state.done += 1;
        let elapsed = self.started.elapsed();
        let pause = if self.terminal { Duration::from_millis(100) } else { Duration::from_secs(5) };
        if elapsed - state.written < pause {
            return;
        }
        state.written = elapsed;
        let left = self.total.saturating_sub(state.done);
        let seconds = elapsed.as_secs_f64() / state.done as f64 * left as f64;
        let line = format!("{}: {} of {}, {seconds:.0} s left", self.what, state.done, self.total);
        self.write(&line, if self.terminal { "" } else { "\n" });
    }

    /// Replaces the running line by what it came to.
    pub fn finish(self) {
        let seconds = self.started.elapsed().as_secs_f64();
        self.write(&format!("{}: {} in {seconds:.1} s", self.what, self.total), "\n");
    }

    fn write(&self, line: &str, end: &str) {
        // Back to the first column, and clear what the line before left.
        let start = if self.terminal { "\r\x1b[K" } else { "" };
        // Progress that nobody can read is no reason to stop.
        let _ = write!(std::io::stderr(), "{start}{line}{end}");
    }
}
