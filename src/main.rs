//! The program: parse, run, error → exit code.

use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use baton_salesforce::commands::{self, ExitStatus};
use baton_salesforce::failure::{Class, Failure};
use baton_salesforce::interrupt::{self, Parent};
use baton_salesforce::salesforce::bulk;
use baton_salesforce::settings::{Messages, Raw};
use baton_salesforce::stop::Stop;
use baton_salesforce::ui::Ui;
use baton_salesforce::{cli, panics};
use clap::ArgMatches;

/// So long at most does cleaning up take, each part of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How messages look until the settings have been read: as far as can be told from where the format is usually given.
fn early() -> Messages {
    let arguments: Vec<_> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    // The one implies the other.
    let json = ["log-format", "progress"].iter().any(|name| {
        let flag = format!("--{name}");
        arguments.contains(&format!("{flag}=json"))
            || arguments.windows(2).any(|pair| pair[0] == flag && pair[1] == "json")
            || std::env::var_os(cli::env_name(name)).is_some_and(|format| format == "json")
    });
    Messages { json, ..Messages::DEFAULT }
}

fn main() -> ExitCode {
    // Before anything takes time: it may end soon.
    let parent = Parent::now();
    panics::watch(|| Ui::new(early()));
    ExitCode::from(panics::exit_code(|| match cli::parse(std::env::args_os()) {
        Ok(matches) => run(&matches, parent),
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

fn run(matches: &ArgMatches, parent: Option<Parent>) -> u8 {
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
    let with_parent = match raw.exit_with_parent() {
        Ok(with_parent) => with_parent,
        Err(error) => return fail(&Ui::new(messages), &error.into()),
    };
    let parent = parent.filter(|_| with_parent);
    let ui = panics::tell_by(Ui::new(messages));
    ui.start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&ui, &error.into()),
    };
    let stop = Stop::default();
    let code = runtime.block_on(async {
        let gone = Arc::clone(&ui);
        let mut interrupted = interrupt::watch(stop.clone(), parent, async move { gone.reader_gone().await });
        let mut command = Box::pin(command(matches, raw, &ui, stop.clone()));
        let result = tokio::select! {
            biased;
            Ok((cause, is_in_time)) = &mut interrupted => {
                if is_in_time {
                    drop(command);
                    clean_up(&ui, stop).await;
                    let has_document = matches!(matches.subcommand_name(), None | Some("convert"));
                    let document = if has_document { "; no whole document was written" } else { "" };
                    ui.stopped(&format!("{}{document}", cause.told()), cause.code());
                    return cause.code();
                }
                // Too late: the document is about to stand in its place.
                command.await
            }
            result = &mut command => result,
        };
        // Whatever stopped it can have left a query job.
        bulk::close_all(PATIENCE).await;
        match result {
            Ok(status) => status.code(),
            Err(error) => fail(&ui, &error),
        }
    });
    ui.end_progress();
    runtime.shutdown_background();
    code
}

/// What must be done however soon the program is to end.
async fn clean_up(ui: &Ui, stop: Stop) {
    ui.end_progress();
    let mut cleaned = pin!(async {
        // A token that came must be stored: the one before it may be dead.
        baton_salesforce::auth::settle(PATIENCE).await;
        bulk::close_all(PATIENCE).await;
        let _ = tokio::task::spawn_blocking(move || stop.wait_until_idle(PATIENCE)).await;
    });
    let seems_long = tokio::time::sleep(Duration::from_secs(1));
    tokio::select! {
        () = &mut cleaned => return,
        () = seems_long => ui.note("stopping; one more signal ends it at once"),
    }
    cleaned.await;
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
                None => commands::sync::run(settings, Arc::clone(ui), stop).await,
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
