//! Bugs of this program: whatever panics, one line says so and where, and the run ends with a code of its own.
//!
//! The message of a panic is never told: it is made of whatever was at hand, rows and tokens among it.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::task::JoinError;

use crate::failure::{Class, Failure};
use crate::ui::Ui;

static PANICKED: AtomicBool = AtomicBool::new(false);
/// The hook must not write between lines that are drawn.
static UI: OnceLock<Arc<Ui>> = OnceLock::new();

/// From now on every panic, of whichever thread or task, is told in one line; until [`tell_by`] as `early` looks.
pub fn watch(early: fn() -> Ui) {
    panic::set_hook(Box::new(move |panic| {
        PANICKED.store(true, Ordering::Relaxed);
        let failure = failure(panic);
        match UI.get() {
            Some(ui) => ui.fail_in_panic(&failure),
            None => early().fail_in_panic(&failure),
        }
    }));
}

/// From now on they are told here.
pub fn tell_by(ui: Ui) -> Arc<Ui> {
    Arc::clone(UI.get_or_init(|| Arc::new(ui)))
}

/// Runs to the end. Whatever the code is: where anything has panicked, nothing that came of it can be relied on.
pub fn exit_code(run: impl FnOnce() -> u8) -> u8 {
    let code = panic::catch_unwind(AssertUnwindSafe(run));
    code.ok().filter(|_| !have_told()).unwrap_or(Class::Internal.code())
}

/// Whether a panic has been told: what fails after it follows from it.
pub fn have_told() -> bool {
    PANICKED.load(Ordering::Relaxed)
}

fn failure(panic: &PanicHookInfo<'_>) -> Failure {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = format!("a bug in this program, at {place}; no whole document was written. Please report it");
    Failure { class: Class::Internal, message, meaning: None, advice: None }
}

/// How a task ended that gives no result. Its own words are those of the panic.
pub(crate) fn ended(error: &JoinError) -> &'static str {
    if error.is_panic() { "it met a bug in this program" } else { "it was stopped" }
}
