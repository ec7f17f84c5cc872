//! The program: parse, run, error → exit code.

use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use baton_salesforce::commands::{self, ExitStatus};
use baton_salesforce::failure::{Class, Failure};
use baton_salesforce::settings::{Messages, Raw};
use baton_salesforce::stop::Stop;
use baton_salesforce::ui::Ui;
use baton_salesforce::{cli, panics};
use clap::ArgMatches;

/// How messages look until the settings have been read: as far as can be told from where the format is usually given.
fn early() -> Messages {
    let arguments: Vec<_> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let by_flag = arguments.iter().any(|argument| argument == "--log-format=json")
        || arguments.windows(2).any(|pair| pair == ["--log-format", "json"]);
    let by_environment = std::env::var_os("BATON_LOG_FORMAT").is_some_and(|format| format == "json");
    let json = by_flag || by_environment;
    Messages { json, ..Messages::DEFAULT }
}

fn main() -> ExitCode {
    panics::watch(|| Ui::new(early()));
    ExitCode::from(panics::exit_code(|| match cli::parse(std::env::args_os()) {
        Ok(matches) => run(&matches),
        Err(message) if early().json && message.use_stderr() => {
            let message = message.render().to_string();
            let message = message.trim_start_matches("error: ").to_owned();
            Ui::new(early()).fail(&Failure { class: Class::InvalidArgument, message, meaning: None, advice: None });
            Class::InvalidArgument.code()
        }
        Err(message) => {
            // `--help` and `--version` come this way too, to stdout. Nobody to tell where a pipe is closed.
            let _ = message.print();
            if message.use_stderr() { Class::InvalidArgument.code() } else { 0 }
        }
    }))
}

fn run(matches: &ArgMatches) -> u8 {
    // What needs no settings must not fail on a settings file.
    let ui = Ui::new(early());
    if commands::reads_documents(matches) {
        // What a reader of documents has to say is heard.
        ui.start_log();
    }
    if let Some(result) = commands::run_without_settings(matches, &ui) {
        return result.map_or_else(|error| fail(&ui, &error), ExitStatus::code);
    }
    let needs_settings = !matches!(matches.subcommand_name(), Some("demo-org" | "convert"));
    // A value that is no text is refused where it is read, with its place.
    let environment = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let given = matches.subcommand().filter(|_| needs_settings).map_or(matches, |(_, matches)| matches);
    let raw = if needs_settings { Raw::collect(given, environment) } else { Ok(Raw::default()) };
    let (raw, messages) = match raw.and_then(|raw| raw.messages().map(|messages| (raw, messages))) {
        Ok(found) => found,
        Err(error) => return fail(&Ui::new(early()), &error.into()),
    };
    let ui = panics::tell_by(Ui::new(messages));
    ui.start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&ui, &error.into()),
    };
    let stop = Stop::default();
    let code = runtime.block_on(async {
        let mut command = pin!(command(matches, raw, &ui, stop.clone()));
        let result = tokio::select! {
            biased;
            signal = signal() => {
                if stop.stop() {
                    ui.end_progress();
                    // A token that came must be stored: the one before it may be dead.
                    baton_salesforce::auth::settle(Duration::from_secs(5)).await;
                    let has_document = matches!(matches.subcommand_name(), None | Some("convert"));
                    ui.note(if has_document { "stopped; no whole document was written" } else { "stopped" });
                    return 128 + signal;
                }
                // Too late: the document is about to stand in its place.
                command.await
            }
            result = &mut command => result,
        };
        match result {
            Ok(status) => status.code(),
            Err(error) => fail(&ui, &error),
        }
    });
    ui.end_progress();
    if stop.is_writing() {
        // The writer removes its temporary file when it hears that it is to stop.
        runtime.shutdown_timeout(Duration::from_secs(5));
    } else {
        runtime.shutdown_background();
    }
    code
}

async fn command(matches: &ArgMatches, raw: Raw, ui: &Arc<Ui>, stop: Stop) -> anyhow::Result<ExitStatus> {
    match matches.subcommand() {
        #[cfg(feature = "demo")]
        Some(("demo-org", matches)) => commands::demo_org::run(matches, Arc::clone(ui)).await,
        Some(("login", _)) => commands::login::run(raw.login()?, Arc::clone(ui)).await,
        Some(("logout", matches)) => {
            let all = matches.get_flag("all");
            commands::logout::run(raw.selection()?, all, Arc::clone(ui)).await
        }
        Some(("status", matches)) => {
            let json = matches.get_flag("json");
            commands::status::run(raw.selection()?, json, Arc::clone(ui)).await
        }
        Some(("convert", matches)) => commands::convert::run(matches, Arc::clone(ui), stop).await,
        Some(("check", matches)) => {
            let json = matches.get_flag("json");
            commands::check::run(raw.sync()?, json, Arc::clone(ui)).await
        }
        _ => {
            let settings = raw.sync()?;
            match settings.dry_run {
                Some(form) => commands::dry_run::run(settings, form, Arc::clone(ui)).await,
                None => Box::pin(commands::sync::run(settings, Arc::clone(ui), stop)).await,
            }
        }
    }
}

fn fail(ui: &Ui, error: &anyhow::Error) -> u8 {
    let failure = Failure::explain(error);
    // What comes of a bug is not told beside it.
    if !panics::have_told() {
        ui.fail(&failure);
    }
    failure.class.code()
}

/// The number of the first signal that asks the program to stop. One that was ignored when the program started stays
/// so: that is what `nohup` is for.
#[cfg(unix)]
async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let ignored = ignored_signals();
    let wait = |kind: SignalKind, number: u8| async move {
        if ignored & (1 << (number - 1)) == 0
            && let Ok(mut signal) = signal(kind)
        {
            signal.recv().await;
            return number;
        }
        std::future::pending().await
    };
    tokio::select! {
        number = wait(SignalKind::hangup(), 1) => number,
        number = wait(SignalKind::interrupt(), 2) => number,
        number = wait(SignalKind::terminate(), 15) => number,
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
async fn signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 2,
        Err(_) => std::future::pending().await,
    }
}
