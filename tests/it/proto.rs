//! The Rust code of the Baton messages is what `proto/` says. It is checked in, so that nobody needs a compiler of
//! `.proto` files to build the program; after a change: `UPDATE_PROTO=1 cargo test --test it proto`.

use std::fs;
use std::path::Path;

use prost_types::{FileDescriptorSet, MessageOptions, field_descriptor_proto};

const GENERATED: &str = "src/output/proto/generated.rs";

/// Where the parts are that the generated code uses.
const OURS: &str = "crate::output::proto";

#[test]
fn the_generated_code_is_what_the_definitions_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(["annotations.proto", "connector.proto"], [root.join("proto")]).unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut config = prost_build::Config::new();
    config
        .out_dir(out.path())
        .btree_map(["."])
        .extern_path(".google.protobuf.Any", "super::Any")
        .extern_path(".google.protobuf.Struct", "super::Struct")
        .extern_path(".google.protobuf.Timestamp", "super::Timestamp")
        .message_attribute(".", "#[derive(serde::Serialize, serde::Deserialize)]")
        .message_attribute(".", "#[serde(default, rename_all = \"camelCase\")]");
    for (field, attribute) in attributes(&descriptors) {
        config.field_attribute(field, format!("#[serde({attribute})]"));
    }
    config.compile_fds(descriptors).unwrap();
    let generated = fs::read_to_string(out.path().join("c1.connector.v2.rs")).unwrap();
    let path = root.join(GENERATED);
    if std::env::var_os("UPDATE_PROTO").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let checked_in = fs::read_to_string(path).unwrap();
    assert!(checked_in == generated, "{GENERATED} is not what proto/ says: UPDATE_PROTO=1 cargo test --test it proto");
}

/// What serde has to know about each field.
fn attributes(descriptors: &FileDescriptorSet) -> Vec<(String, String)> {
    let ours = descriptors.file.iter().filter(|file| file.package() == "c1.connector.v2");
    let mut left: Vec<_> =
        ours.flat_map(|file| &file.message_type).map(|message| (String::from(".c1.connector.v2"), message)).collect();
    let mut attributes = Vec::new();
    while let Some((parent, message)) = left.pop() {
        let name = format!("{parent}.{}", message.name());
        for field in &message.field {
            let path = format!("{name}.{}", field.name());
            attributes.push((path.clone(), format!("skip_serializing_if = \"{OURS}::is_default\"")));
            if field.r#type() == field_descriptor_proto::Type::Enum {
                let is_list = field.label() == field_descriptor_proto::Label::Repeated;
                let (module, of) = (if is_list { "names" } else { "name" }, rust_name(field.type_name()));
                attributes.push((path.clone(), format!("serialize_with = \"{OURS}::{module}::write::<{of}, _>\"")));
                attributes.push((path.clone(), format!("deserialize_with = \"{OURS}::{module}::read::<{of}, _>\"")));
            }
            // Sources stand in the order that a document's grants stand in.
            if path.ends_with(".GrantSources.sources") {
                attributes.push((path, format!("serialize_with = \"{OURS}::in_order\"")));
            }
        }
        let nested =
            message.nested_type.iter().filter(|nested| !nested.options.as_ref().is_some_and(MessageOptions::map_entry));
        left.extend(nested.map(|nested| (name.clone(), nested)));
    }
    attributes
}

/// `.c1.connector.v2.UserTrait.Status.Code` is `…::user_trait::status::Code`.
fn rust_name(name: &str) -> String {
    let parts: Vec<_> = name.trim_start_matches(".c1.connector.v2.").split('.').collect();
    let (last, modules) = parts.split_last().unwrap();
    let mut path = OURS.to_owned();
    for module in modules {
        path += "::";
        for (n, letter) in module.char_indices() {
            if n > 0 && letter.is_uppercase() {
                path.push('_');
            }
            path.extend(letter.to_lowercase());
        }
    }
    format!("{path}::{last}")
}
