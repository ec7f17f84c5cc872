//! The real program against the demo org, and the client against sockets. One binary, so that it links once.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod access_model;
mod bad_input;
mod browser;
mod budget;
mod c1z;
mod canaries;
mod cast;
mod check;
mod client;
mod commands;
mod demo_sizes;
mod diff;
mod document;
mod domain;
mod events;
mod explain;
mod faults;
mod formats;
mod interrupted;
mod hostile_names;
mod jwt;
mod login;
mod network;
mod optional;
mod panics;
mod parity;
mod progress;
mod proto;
mod random_org;
mod readme;
mod recorded;
mod refusals;
mod scan;
mod schemas;
mod settings;
mod show;
mod stored;
mod support;
mod target;
mod tls;
mod truth;
mod truthful;
mod turns;
