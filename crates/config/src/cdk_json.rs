//! GenU's `cdk.json`: its `context` is one environment, which `env` names. Where `parameter.ts`
//! beside it has an environment of that name, GenU takes that one, whole, and nothing of `context`.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use serde_json::Value;

use crate::bindings::Bindings;
use crate::changes::Changes;
use crate::document::{Document, Field, Section, whole};
use crate::error::{Problem, quoted};
use crate::lines::Lines;
use crate::literal::Reader;
use crate::parameters::is_known;
use crate::{Error, nesting, parameter_ts, source};

/// What GenU has beside its `cdk.json`.
const BESIDE: &str = "parameter.ts";

pub(crate) fn read(file: &Path, text: &str) -> Result<Document, Error> {
    // Strict JSON, as CDK reads it; the second reading knows where everything stands.
    if let Err(e) = serde_json::from_str::<Value>(text) {
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        return Err(whole(file, Some((e.line(), e.column())), message));
    }
    let read = nesting::with_stack_for(text, || read_here(file, text));
    let mut document = read.map_err(|message| whole(file, None, message))??;
    beside(file, &mut document);
    Ok(document)
}

fn read_here(file: &Path, text: &str) -> Result<Document, Error> {
    let lines = Lines::of(text);
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse_expression();
    let root = parsed.map_err(|e| {
        let message = e.first().map_or_else(String::new, ToString::to_string);
        whole(file, None, message)
    })?;
    let (bindings, changes) = (Bindings::default(), Changes::default());
    let reader = Reader::new(text, &lines, &bindings, &changes, true);
    let fault = |(at, message)| whole(file, Some(at), message);
    let top = reader.members_of(&root).map_err(fault)?;
    let context = top.iter().find(|member| member.is("context"));
    let context = context.ok_or_else(|| {
        let message = "has no `context`; is this GenU's cdk.json?";
        whole(file, Some(lines.place(0)), message)
    })?;
    reader.next_environment();
    let members = reader.nested(context).map_err(fault)?;
    let (mut fields, unread) = parameter_ts::fields(&reader, members);
    // Feature flags of CDK's, and what it looked up.
    fields.retain(|field| !field.key.contains([':', '@']));
    let name = fields.iter().find(|field| field.key == "env");
    let name = name.and_then(|field| field.value.as_ref().ok()?.as_str());
    let mut sections = vec![Section {
        file: file.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        is_named: true,
        prefix: "context".into(),
        place: Some(context.place),
        fields: Vec::new(),
        unread,
        notes: Vec::new(),
    }];
    for field in fields {
        if is_environment(&field) {
            sections.push(nested(file, field));
        } else if let Some(section) = sections.first_mut() {
            section.fields.push(field);
        }
    }
    Ok(Document {
        file: file.to_owned(),
        sections,
        ours: false,
    })
}

/// Whether what stands in `context` looks like an environment of its own.
fn is_environment(field: &Field) -> bool {
    let Ok(Value::Object(members)) = &field.value else {
        return false;
    };
    !is_known(&field.key) && members.keys().any(|key| is_known(key))
}

/// An environment inside `context`, where GenU does not look for any.
fn nested(file: &Path, field: Field) -> Section {
    let message = "environments cannot stand inside `context`: it is itself the one environment of cdk.json, which GenU would take without these parameters; move them into `envs` of parameter.ts, or put them directly into `context`";
    Section {
        file: file.to_owned(),
        prefix: format!("context.{}", field.key),
        name: field.key,
        is_named: true,
        place: Some(field.place),
        fields: Vec::new(),
        unread: vec![(field.place, message.to_owned())],
        notes: Vec::new(),
    }
}

/// Takes the environment from `parameter.ts`, where GenU takes it from.
fn beside(file: &Path, document: &mut Document) {
    let other = file.with_file_name(BESIDE);
    let Some(section) = document.sections.first_mut().filter(|_| other.exists()) else {
        return;
    };
    let named = format!("`{}`", section.name);
    let note = |message: &str| Problem::new(file, section.place, "context", message);
    let text = match source::read(&other) {
        Ok(text) => text,
        Err(error) => return section.is_unread(&error),
    };
    let mut theirs = match parameter_ts::read(&other, &text) {
        Ok(Some(theirs)) => theirs,
        // It is none of GenU's.
        Ok(None) => {
            let note = note("parameter.ts beside it has no `envs` and is not looked at");
            return section.notes.push(note);
        }
        Err(error) => return section.is_unread(&error),
    };
    let position = theirs
        .sections
        .iter()
        .rposition(|other| other.is_named && other.name == section.name);
    if let Some(at) = position {
        let mut theirs = theirs.sections.swap_remove(at);
        let message = format!(
            "parameter.ts beside it has the environment {}, which GenU takes whole instead of this; so does this",
            if section.name.is_empty() {
                "without a name"
            } else {
                &named
            }
        );
        theirs.notes.push(note(&message));
        *section = theirs;
    } else if let Some(unknown) = theirs.sections.iter().find(|other| !other.is_named) {
        let (at, why) = unknown
            .unread
            .first()
            .cloned()
            .unwrap_or(((1, 1), String::new()));
        let message = format!(
            "GenU takes the environment from parameter.ts when it is there, which cannot be known: {}:{}: {}: {why}",
            BESIDE,
            at.0,
            quoted(&unknown.name)
        );
        let place = section.place.unwrap_or((1, 1));
        section.fields.clear();
        section.unread.push((place, message));
    }
}

impl Section {
    /// GenU would look into `parameter.ts` first, which cannot be read.
    fn is_unread(&mut self, error: &Error) {
        let message = format!(
            "GenU takes the environment from parameter.ts beside it when it is there, which cannot be read: {error}"
        );
        self.fields.clear();
        self.unread.push((self.place.unwrap_or((1, 1)), message));
    }
}
