//! Who has access to what in a Salesforce org, and why: the library behind the program `baton-salesforce`.
//!
//! # A tour
//!
//! Data flows one way, and so do the imports:
//!
//! ```text
//!  Salesforce ──HTTP──▶ salesforce ──rows──▶ connector ──resources, grants──▶ sync ──▶ output ──▶ document
//!                         ▲    ▲                                               │
//!                        auth  net                                          events ──▶ ui
//!  cli, config ──▶ settings ──▶ commands ──▶ all of the above;   demo: an org to try it on
//! ```
//!
//! * [`net`]: which hosts may be talked to, and the one HTTP client.
//! * [`auth`]: logs in; a method and its secrets in, a session out.
//! * [`salesforce`]: the API client, usable on its own: SOQL texts, pages, wire structs, errors, limits, retries.
//! * [`connector`]: one file per kind of resource: its query, and how its rows become resources and grants.
//! * [`model`]: resources, entitlements, grants, ids, and what stands around them in a document.
//! * [`sync`]: the pipeline: what is asked for, in which order it is taken, what is left out and why.
//! * [`output`]: the spool that sorts, the sinks that write JSON, lines and `.c1z`, the target that is replaced whole or not
//!   at all; and the readers that take a document apart again.
//! * [`access`]: questions to documents that have been read: who holds what, through what; what changed between two.
//! * [`cli`], [`config`], [`settings`]: what can be set, and where; resolved once.
//! * [`commands`]: one file per command.
//! * [`disk`]: what a run relies on where files are: turns at what is replaced, and names that last.
//! * [`failure`]: the one place that maps an error to an exit code and to advice.
//! * [`interrupt`]: what ends a run before its time.
//! * `harmless`: text from elsewhere, before it is shown.
//! * [`panics`]: bugs, told in one line that holds nothing of what was at hand.
//! * [`stop`]: whether a signal or the end of the document came first.
//! * [`ui`]: what a person sees; all of it on stderr.
#![cfg_attr(
    feature = "demo",
    doc = "* [`demo`]: a Salesforce org on loopback: `--demo`, and the double that tests run against."
)]
//!
//! How a row becomes a grant: `sync::steps` hands each row to a function of [`connector`], which is pure; what comes
//! back goes to a [`output::Spool`], which [`sync::Synced::write`] empties into a [`output::Document`], and that into a sink.
//!
//! To add a resource kind: a wire struct in [`salesforce::objects`], a file in [`connector`], a step in `sync::steps`.
//! To add an output: an [`output::Sink`] in a file of [`output`], and a line in [`output::sink`].

pub mod access;
pub mod auth;
pub mod cli;
pub mod commands;
pub mod config;
pub mod connector;
#[cfg(feature = "demo")]
pub mod demo;
pub mod disk;
pub mod expand;
pub mod failure;
mod harmless;
pub mod interrupt;
pub mod model;
pub mod net;
pub mod output;
pub mod panics;
pub mod salesforce;
pub mod settings;
pub mod stop;
pub mod sync;
pub mod time;
pub mod ui;

/// The README's code is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
