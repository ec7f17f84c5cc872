//! What a person sees: everything here goes to stderr, but for the answers of `explain`, `show` and `diff`; stdout
//! belongs to results.
//!
//! [`Ui`] is told by events what happens. `tracker` keeps what is known of the run, `live` and `words` say it, `summary`
//! says how it ended, and `screen` alone writes.

pub(crate) mod diff;
pub(crate) mod explain;
mod labels;
mod live;
mod log;
mod screen;
pub(crate) mod show;
mod summary;
mod table;
mod text;
mod tracker;
mod words;

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::disk::stdout;
use crate::failure::Failure;
use crate::harmless;
use crate::model::document::{Header, Summary};
use crate::output::Written;
use crate::settings::{Color, Messages, Progress};
use crate::sync::Event;
use crate::time::Timestamp;
use screen::Screen;
use text::{Palette, Tone, hang};
pub(crate) use text::{number, plain};
use tracker::Tracker;

/// A long read says how far it is this often.
const EVERY: Duration = Duration::from_secs(3);
/// After so long without a word, it is said what is waited for.
const SILENCE: Duration = Duration::from_secs(10);
/// The live lines are drawn this often.
const FRAME: Duration = Duration::from_millis(100);
/// Wide enough for any line, where nothing ends it.
const ENDLESS: usize = 10_000;

/// Where messages go.
#[derive(Debug)]
pub struct Ui {
    messages: Messages,
    gone: Arc<Notify>,
    shared: Arc<Shared>,
}

/// How the lines of the moment are to look.
#[derive(Debug, Clone, Copy)]
struct Look {
    columns: usize,
    rows: usize,
    palette: Palette,
    unicode: bool,
}

#[derive(Debug)]
struct Shared {
    progress: Progress,
    is_terminal: bool,
    palette: Palette,
    unicode: bool,
    sync_id: OnceLock<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    screen: Screen<AutoStream<io::Stderr>>,
    /// Is told that nobody reads stderr any more.
    gone: Arc<Notify>,
    tracker: Tracker,
    /// When something was said last.
    last: Instant,
    is_ticking: bool,
    has_ended: bool,
}

impl Ui {
    /// Messages as the settings want them.
    pub fn new(messages: Messages) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let progress = match messages.progress {
            _ if messages.quiet || messages.level < tracing::Level::INFO => Progress::None,
            Progress::Auto if is_terminal && !is_dumb => Progress::Bar,
            Progress::Auto => Progress::Plain,
            other => other,
        };
        let colours = match messages.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        };
        // What is painted is decided here; the stream only makes old consoles understand it.
        let screen = Screen::new(AutoStream::always(io::stderr()));
        let gone = Arc::new(Notify::new());
        let state = State {
            screen,
            gone: Arc::clone(&gone),
            tracker: Tracker::default(),
            last: Instant::now(),
            is_ticking: false,
            has_ended: false,
        };
        let (palette, unicode) = (Palette(colours), speaks_unicode());
        Self {
            messages,
            gone,
            shared: Arc::new(Shared {
                progress,
                is_terminal,
                palette,
                unicode,
                sync_id: OnceLock::new(),
                state: Mutex::new(state),
            }),
        }
    }

    /// Waits until nobody reads stderr any more: the pipe that it is has been closed at its other end.
    pub async fn reader_gone(&self) {
        self.gone.notified().await;
    }

    /// Something that should not be missed.
    pub fn warn(&self, message: &str) {
        if !self.messages.quiet && self.messages.level >= tracing::Level::WARN {
            self.line("warn", "warning", Tone::Caution, message);
        }
    }

    /// Something worth knowing.
    pub fn note(&self, message: &str) {
        if self.is_talkative() {
            self.line("info", "", Tone::Strong, message);
        }
    }

    /// The run was stopped before its time.
    pub fn stopped(&self, why: &str, code: u8) {
        if !self.messages.json {
            return self.note(why);
        }
        if self.is_talkative() {
            let stopped = json!({"level": "info", "message": why, "code": code});
            self.shared.lock().print(&self.shared.stamped(words::of_progress(stopped, "stopped")));
        }
    }

    /// Whoever was to get the document has closed the pipe: no failure, and nothing to tell a person.
    pub fn closed(&self) {
        if self.messages.json {
            self.stopped("nobody reads the document any more", 0);
        }
    }

    /// Something that a person must do; said even where nothing else is.
    pub fn ask(&self, message: &str) {
        self.line("info", "", Tone::Strong, message);
    }

    /// Whether there is a person to be asked.
    pub fn is_interactive(&self) -> bool {
        self.shared.is_terminal && io::stdin().is_terminal()
    }

    /// A failure: once, for a person.
    pub fn fail(&self, failure: &Failure) {
        let text = self.failure(failure);
        let mut state = self.shared.lock();
        state.end();
        state.print(&text);
    }

    /// A bug of this program: said even where another thread of it hangs in the middle of saying something.
    pub fn fail_in_panic(&self, failure: &Failure) {
        let text = self.failure(failure);
        for _ in 0..20 {
            let mut state = match self.shared.state.try_lock() {
                Ok(state) => state,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                }
            };
            state.end();
            return state.print(&text);
        }
        let _ = Screen::new(io::stderr()).print(&text, 0);
    }

    fn failure(&self, failure: &Failure) -> String {
        if self.messages.json {
            let error = json!({
                "level": "error",
                "message": plain(&failure.message),
                "class": failure.class.name(),
                "code": failure.class.code(),
                "meaning": failure.meaning,
                "advice": failure.advice,
            });
            return self.shared.stamped(words::of_progress(error, "error"));
        }
        let mut text = self.shared.labelled("error", Tone::Bad, &plain(&failure.message));
        if let Some(meaning) = failure.meaning {
            text.push_str(&self.shared.labelled("  why", Tone::Hint, meaning));
        }
        if let Some(advice) = &failure.advice {
            let mut lines = advice.lines();
            text.push_str(&self.shared.labelled("  do", Tone::Hint, &plain(lines.next().unwrap_or_default())));
            // Lines to type stand as they are.
            for line in lines {
                text.extend(["    ", &plain(line), "\n"]);
            }
        }
        text
    }

    /// What happens during a run.
    pub fn see(&self, event: &Event) {
        let now = Instant::now();
        let shared = &self.shared;
        if let Event::Begun { id, .. } = event {
            let _ = shared.sync_id.set(id.clone());
        }
        let mut state = shared.lock();
        if shared.progress == Progress::None || state.has_ended {
            return;
        }
        if matches!(event, Event::Begun { .. }) && shared.progress != Progress::Json {
            // Whoever sees the program knows that he has started it.
            return;
        }
        let is_before = !matches!(state.tracker.phase, tracker::Phase::Reading | tracker::Phase::Writing);
        state.tracker.see(event, now);
        let took = match event {
            Event::Read { object, .. } => state.tracker.elapsed_of(object, now),
            _ => None,
        };
        if !state.is_ticking {
            state.is_ticking = Shared::tick(shared);
        }
        if let Event::Page { rows, total, .. } = event
            && (rows >= total || now.duration_since(state.last) < EVERY)
        {
            return;
        }
        match (shared.progress, event) {
            (Progress::Json, _) => state.print(&shared.stamped(words::event_json(event, took))),
            // The live lines tell these; and what is read to learn who and where, the connection tells.
            (Progress::Bar, Event::Page { .. } | Event::Repeating { .. } | Event::LoggingIn { .. }) => {}
            (_, Event::Read { .. }) if is_before => {}
            _ => {
                if let Some(text) = words::event_text(event, took, &shared.look()) {
                    state.print(&text);
                }
            }
        }
        if shared.progress == Progress::Bar {
            state.draw(&shared.look(), now);
        }
    }

    /// The end of a run that wrote a document.
    pub fn summary(&self, header: &Header, summary: &Summary, written: &Written) {
        self.end_progress();
        if !self.is_talkative() {
            return;
        }
        let is_json = match self.shared.progress {
            Progress::Json => true,
            Progress::None => self.messages.json,
            _ => false,
        };
        let text = if is_json {
            self.shared.stamped(summary::json(header, summary, written))
        } else {
            let look = self.shared.look();
            summary::text(header, summary, written, &look, self.shared.wrap_at())
        };
        self.shared.lock().print(&text);
    }

    /// Writes a command's result to stdout, below what is left of the live lines. Whoever closes the pipe has read enough.
    pub fn print(&self, text: &[u8]) -> io::Result<()> {
        self.end_progress();
        let mut out = stdout::open()?.lock();
        stdout::ended(out.write_all(text).and_then(|()| out.flush()))
    }

    /// Removes the live lines for good; what happens from now on is not told.
    pub fn end_progress(&self) {
        self.shared.lock().end();
    }

    fn is_talkative(&self) -> bool {
        !self.messages.quiet && self.messages.level >= tracing::Level::INFO
    }

    fn line(&self, level: &str, label: &str, tone: Tone, message: &str) {
        let message = plain(message);
        let text = if self.messages.json {
            let line = json!({"level": level, "message": message});
            let is_warning = level == "warn";
            self.shared.stamped(if is_warning { words::of_progress(line, "warning") } else { words::of_log(line) })
        } else if label.is_empty() {
            // Never wrapped: it may be a command that somebody copies.
            format!("{message}\n")
        } else {
            self.shared.labelled(label, tone, &message)
        };
        self.shared.lock().print(&text);
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        self.end_progress();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> Look {
        // Live lines need a width, even where somebody wants them and there is no terminal.
        let is_window = self.is_terminal || self.progress == Progress::Bar;
        let (columns, rows) = if is_window { window() } else { (ENDLESS, ENDLESS) };
        Look { columns, rows, palette: self.palette, unicode: self.unicode && self.is_terminal }
    }

    /// Where long texts are broken: on a terminal alone, elsewhere a line is a line.
    fn wrap_at(&self) -> Option<usize> {
        self.is_terminal.then(|| window().0.saturating_sub(1))
    }

    fn labelled(&self, label: &str, tone: Tone, message: &str) -> String {
        let indent = label.len() + 2;
        hang(&format!("{} ", self.palette.paint(tone, &format!("{label}:"))), indent, message, self.wrap_at())
    }

    /// A line of JSON: when, and of which sync.
    fn stamped(&self, mut value: Value) -> String {
        let line = &mut value;
        if line["timestamp"].is_null() {
            line["timestamp"] = Timestamp::now().to_string().into();
        }
        if let Some(id) = self.sync_id.get() {
            line["syncId"] = id.as_str().into();
        }
        format!("{}\n", harmless::json(&value.to_string()))
    }

    /// Starts the thread that keeps the live lines moving, or says what is waited for; it ends with the run.
    fn tick(shared: &Arc<Self>) -> bool {
        let weak = Arc::downgrade(shared);
        let pause = if shared.progress == Progress::Bar { FRAME } else { SILENCE / 10 };
        let run = move || {
            loop {
                thread::sleep(pause);
                let Some(shared) = Weak::upgrade(&weak) else { return };
                let mut state = shared.lock();
                if state.has_ended {
                    return;
                }
                shared.frame(&mut state, Instant::now());
            }
        };
        thread::Builder::new().name("progress".to_owned()).spawn(run).is_ok()
    }

    fn frame(&self, state: &mut State, now: Instant) {
        if self.progress == Progress::Bar {
            return state.draw(&self.look(), now);
        }
        if now.duration_since(state.last) < SILENCE {
            return;
        }
        let mut open: Vec<_> = state.tracker.open().map(|tracked| tracked.name.clone()).collect();
        match state.tracker.phase {
            tracker::Phase::Writing => open.push("the document to be written".to_owned()),
            tracker::Phase::LoggingIn(_) => open.push("the login".to_owned()),
            _ if open.is_empty() => return,
            _ => {}
        }
        let elapsed = state.tracker.elapsed(now);
        let text = if self.progress == Progress::Json {
            let waiting = json!({"level": "info", "message": "waiting", "for": open, "seconds": elapsed.as_secs()});
            self.stamped(words::of_progress(waiting, "waiting"))
        } else {
            format!("  waiting for {}, {} so far\n", open.join(", "), text::span(elapsed))
        };
        state.print(&text);
    }
}

impl State {
    fn print(&mut self, text: &str) {
        self.last = Instant::now();
        let printed = self.screen.print(text, window().0);
        self.check(printed);
    }

    fn draw(&mut self, look: &Look, now: Instant) {
        let drawn = self.screen.draw(live::lines(&self.tracker, look, now), look.columns);
        self.check(drawn);
    }

    /// A closed pipe ends the run: whoever waited for it is gone. About anything else there is nobody to tell.
    fn check(&self, written: io::Result<()>) {
        if written.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.gone.notify_one();
        }
    }

    fn end(&mut self) {
        self.has_ended = true;
        let _ = self.screen.clear(window().0);
    }
}

/// Columns and rows of the terminal, as they are now.
fn window() -> (usize, usize) {
    terminal_size::terminal_size_of(io::stderr()).map_or((80, 24), |(columns, rows)| (columns.0.into(), rows.0.into()))
}

/// Whether the terminal shows more than ASCII.
fn speaks_unicode() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names.iter().filter_map(std::env::var_os).find(|value| !value.is_empty()).unwrap_or_default();
    let locale = locale.to_string_lossy().to_lowercase();
    cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8")
}
