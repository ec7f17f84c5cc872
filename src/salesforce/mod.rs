//! The Salesforce API client, usable on its own: it knows nothing of Baton.

pub mod id;
