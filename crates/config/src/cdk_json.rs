//! GenU's `cdk.json`: its `context` is one environment, which `env` names.

use std::collections::BTreeMap;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use serde_json::Value;

use crate::Error;
use crate::document::{Document, Field, Section, place, whole};
use crate::literal::Reader;

pub(crate) fn read(file: &Path, text: &str) -> Result<Document, Error> {
    // Strict JSON, as CDK reads it; the second reading knows where everything stands.
    if let Err(e) = serde_json::from_str::<Value>(text) {
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        return Err(whole(file, Some((e.line(), e.column())), message));
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse_expression();
    let root = parsed.map_err(|e| {
        whole(
            file,
            None,
            e.first().map_or_else(String::new, ToString::to_string),
        )
    })?;
    let reader = Reader::new(text, BTreeMap::new());
    let fault = |(at, message)| whole(file, Some(at), message);
    let top = reader.properties(&root).map_err(fault)?;
    let context = top.iter().find(|property| property.key == "context");
    let context = context.ok_or_else(|| {
        whole(
            file,
            Some(place(text, 0)),
            "has no `context`; is this GenU's cdk.json?",
        )
    })?;
    let fields: Vec<Field> = reader
        .nested(context)
        .map_err(fault)?
        .into_iter()
        // Feature flags of CDK's, and what it looked up.
        .filter(|property| !property.key.contains([':', '@']))
        .map(|property| Field {
            value: reader.value_of(&property),
            place: property.place,
            key: property.key,
        })
        .collect();
    let name = fields.iter().find(|field| field.key == "env");
    let name = name.and_then(|field| field.value.as_ref().ok()?.as_str());
    Ok(Document {
        file: file.to_owned(),
        sections: vec![Section {
            name: name.unwrap_or_default().to_owned(),
            prefix: "context".into(),
            place: Some(context.place),
            fields,
        }],
        ours: false,
    })
}
