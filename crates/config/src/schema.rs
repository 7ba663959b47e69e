//! The JSON schema of `genu.toml`, from the types: editors complete and check with it.

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::input::Environment;
use crate::parameters::not_looked_at;

/// The schema of `config/genu.schema.json`.
#[must_use]
pub fn schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut generator = settings.into_generator();
    let mut environment = Environment::json_schema(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    if let Some(properties) = environment["properties"].as_object_mut() {
        for name in not_looked_at() {
            let described = json!({ "description": "GenU's own; not looked at here." });
            properties.insert(name.to_owned(), described);
        }
        properties.sort_keys();
    }
    environment["additionalProperties"] = json!(false);
    let mut root = Map::new();
    root.insert(
        "$schema".into(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".into(), json!("genu.toml"));
    root.insert("type".into(), json!("object"));
    root.insert(
        "properties".into(),
        json!({ "env": {
            "description": "Environments by name.",
            "type": "object",
            "propertyNames": { "pattern": "^[a-z0-9][a-z0-9-]{0,15}$" },
            "additionalProperties": environment,
        } }),
    );
    root.insert("additionalProperties".into(), json!(false));
    root.insert("definitions".into(), Value::Object(definitions));
    Value::Object(root)
}
