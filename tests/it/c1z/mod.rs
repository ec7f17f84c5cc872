//! `.c1z` files, judged by what is known of the format and of the `baton` CLI alone: nothing here uses the writer.

mod attacked;
mod compare;
mod compared;
mod container;
mod decode;
mod encode;
mod grants;
mod hostile;
mod hostile_database;
mod hostile_rows;
mod judge;
mod judged;
mod judged_rows;
mod messages;
mod objects;
mod rewritten;
mod rows;
mod sample;
mod schema;
mod wire;
mod written;
