//! What ends a run before its time: signals, and the end of whoever waits for it.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::stop::Stop;

/// The parent is looked for this often.
const PAUSE: Duration = Duration::from_millis(250);
/// What comes so soon is the first signal once more: `timeout` sends it to the process and to its group, and a terminal
/// to the group whose leader may pass it on.
const ECHO: Duration = Duration::from_millis(300);

/// Why a run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A signal, by its number.
    Signal(u8),
    /// The process that started this one has ended.
    Parent,
    /// Nobody reads stderr any more.
    Stderr,
}

impl Cause {
    /// The exit code: 128 and the number of the signal that the system sends, or would send, for that.
    pub const fn code(self) -> u8 {
        128 + match self {
            Self::Signal(number) => number,
            Self::Parent => 1,
            Self::Stderr => 13,
        }
    }

    /// In a sentence that begins with `stopped`.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Signal(_) => "stopped",
            Self::Parent => "stopped, since the program that started this one has ended",
            Self::Stderr => "stopped, since nobody reads stderr any more",
        }
    }
}

/// The process that started this one.
#[derive(Debug, Clone, Copy)]
pub struct Parent(#[cfg(unix)] u32);

impl Parent {
    /// As it is now, or `None` where the system does not tell.
    pub fn now() -> Option<Self> {
        #[cfg(unix)]
        return Some(Self(std::os::unix::process::parent_id()));
        #[cfg(not(unix))]
        None
    }

    /// Waits for its end: another process has taken its place then. (The signal that Linux can send for that is sent at
    /// the end of the thread that started this process, which may be long before.)
    async fn end(self) {
        #[cfg(unix)]
        while std::os::unix::process::parent_id() == self.0 {
            tokio::time::sleep(PAUSE).await;
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

/// Waits for the first cause and stops the run for it; from then on a signal ends the program at once. The receiver
/// gets the cause, and whether it came before the document was about to stand in its place. To be called in a runtime.
pub fn watch(
    stop: Stop,
    parent: Option<Parent>,
    stderr: impl Future<Output = ()> + Send + 'static,
) -> oneshot::Receiver<(Cause, bool)> {
    let (sender, receiver) = oneshot::channel();
    let mut signals = Signals::new();
    // Not where the run is: that may have much to reckon before it looks again.
    tokio::spawn(async move {
        let orphaned = async {
            match parent {
                Some(parent) => parent.end().await,
                None => std::future::pending().await,
            }
        };
        let cause = tokio::select! {
            number = signals.next() => Cause::Signal(number),
            () = orphaned => Cause::Parent,
            () = stderr => Cause::Stderr,
        };
        let _ = sender.send((cause, stop.stop()));
        let began = Instant::now();
        loop {
            let number = signals.next().await;
            if began.elapsed() > ECHO {
                at_once(number);
            }
        }
    });
    receiver
}

#[expect(clippy::exit, reason = "somebody who has asked once already")]
fn at_once(number: u8) {
    std::process::exit(i32::from(Cause::Signal(number).code()));
}

/// Signals that ask the program to stop. One that was ignored when the program started stays so: that is what `nohup`
/// is for.
#[cfg(unix)]
struct Signals([(u8, Option<tokio::signal::unix::Signal>); 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored_signals();
        let heard = |kind: SignalKind, number: u8| {
            let is_ignored = ignored & (1 << (number - 1)) != 0;
            (number, if is_ignored { None } else { signal(kind).ok() })
        };
        Self([heard(SignalKind::hangup(), 1), heard(SignalKind::interrupt(), 2), heard(SignalKind::terminate(), 15)])
    }

    async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if let Some(signal) = signal
                    && signal.poll_recv(context).is_ready()
                {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// A bit for each signal that is ignored, the first for signal 1; none where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    const fn new() -> Self {
        Self
    }

    async fn next(&mut self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => 2,
            Err(_) => std::future::pending().await,
        }
    }
}
