//! GenU's `parameter.ts`: the literal object `envs`, one member an environment.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::Error;
use crate::bindings::Bindings;
use crate::changes::Changes;
use crate::document::{Document, Field, Section, whole};
use crate::lines::Lines;
use crate::literal::{Member, Name, NotData, Reader};
use crate::nesting;

/// The constant that holds the environments.
const ENVS: &str = "envs";

/// The environments; `None` when the file has no constant of that name.
///
/// # Errors
/// It is no TypeScript, or its environments cannot be known.
pub(crate) fn read(file: &Path, text: &str) -> Result<Option<Document>, Error> {
    let read = nesting::with_stack_for(text, || read_here(file, text));
    read.map_err(|message| whole(file, None, message))?
}

fn read_here(file: &Path, text: &str) -> Result<Option<Document>, Error> {
    let lines = Lines::of(text);
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse();
    if let Some(error) = parsed.diagnostics.first() {
        let label = error.labels.first();
        let at = label.map(|label| lines.place(label.offset() as usize));
        return Err(whole(file, at, &error.message));
    }
    let bindings = Bindings::of(&parsed.program);
    let changes = Changes::of_program(text, &lines, &bindings, &parsed.program);
    let reader = Reader::new(text, &lines, &bindings, &changes, false);
    if bindings.get(ENVS).is_none() {
        return Ok(None);
    }
    let members = reader.constant(ENVS);
    let members = members.map_err(|(at, message)| whole(file, Some(at), message))?;
    let mut sections: Vec<Section> = Vec::new();
    for member in &members {
        reader.next_environment();
        // What takes in others may bring another of the same name.
        if member.spread
            && let Err(why) = &member.value
        {
            for earlier in &mut sections {
                earlier.fields.clear();
                earlier.unread.push(why.clone());
            }
        }
        sections.push(section(file, &reader, member));
    }
    Ok(Some(Document {
        file: file.to_owned(),
        sections,
        ours: false,
    }))
}

fn section(file: &Path, reader: &Reader<'_, '_>, environment: &Member<'_, '_>) -> Section {
    let (name, prefix) = match &environment.name {
        Name::Is(name) => (name.clone(), format!("envs.{name}")),
        Name::Unknown(text) => (text.clone(), "envs".into()),
    };
    let is_named = matches!(environment.name, Name::Is(_));
    let (fields, unread) = match reader.nested(environment) {
        Ok(members) => fields(reader, members),
        Err(why) => (Vec::new(), vec![why]),
    };
    Section {
        file: file.to_owned(),
        name,
        is_named,
        prefix,
        place: Some(environment.place),
        fields,
        unread,
        notes: Vec::new(),
    }
}

/// The parameters of an environment, and what may be among them without being known.
pub(crate) fn fields(
    reader: &Reader<'_, '_>,
    members: Vec<Member<'_, '_>>,
) -> (Vec<Field>, Vec<NotData>) {
    let mut fields: Vec<Field> = Vec::new();
    let mut unread = Vec::new();
    for member in members {
        let value = reader.value_of(&member);
        match (member.name, value) {
            (Name::Is(key), value) => fields.push(Field {
                key,
                place: member.place,
                value,
            }),
            (Name::Unknown(_), Ok(_)) => {}
            (Name::Unknown(_), Err(why)) => {
                // It may say otherwise than what stands before it.
                for field in &mut fields {
                    field.value = Err(why.clone());
                }
                unread.push(why);
            }
        }
    }
    (fields, unread)
}
