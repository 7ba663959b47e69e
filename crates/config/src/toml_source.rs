//! `genu.toml`: one table an environment, `[env.priv]`.

use std::path::Path;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::document::{Document, Field, Section, whole};
use crate::lines::Lines;
use crate::{Error, Problem};

/// How many lines may begin a table: the parser looks at all that came before, for each.
const TABLES: usize = 2_000;

pub(crate) fn read(file: &Path, text: &str) -> Result<Document, Error> {
    let tables = text
        .lines()
        .filter(|line| line.trim_start().starts_with('['));
    if tables.count() > TABLES {
        let message = format!("has more than {TABLES} tables; is it the right file?");
        return Err(whole(file, None, message));
    }
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|e| {
        let at = e.span().map(|span| lines.place(span.start));
        whole(file, at, e.message())
    })?;
    let mut problems = Vec::new();
    let mut wrong = |key: String, offset: usize, message: &str| {
        problems.push(Problem::new(file, Some(lines.place(offset)), &key, message));
    };
    let mut sections = Vec::new();
    for (key, value) in table.get_ref() {
        let DeValue::Table(environments) = value.get_ref() else {
            let key_text = key.get_ref().to_string();
            let message = "unknown; environments are tables, [env.NAME]";
            wrong(key_text, key.span().start, message);
            continue;
        };
        if key.get_ref() != "env" {
            let key_text = key.get_ref().to_string();
            let message = "unknown table; environments are tables, [env.NAME]";
            wrong(key_text, key.span().start, message);
            continue;
        }
        for (name, value) in environments {
            let (name, at) = (name.get_ref().to_string(), name.span().start);
            let prefix = format!("env.{name}");
            let DeValue::Table(fields) = value.get_ref() else {
                wrong(prefix, at, "must be a table, [env.NAME]");
                continue;
            };
            let field = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| Field {
                key: ToString::to_string(key.get_ref() as &std::borrow::Cow<'_, str>),
                place: lines.place(key.span().start),
                value: Ok(owned(value.get_ref())),
            };
            sections.push(Section {
                file: file.to_owned(),
                name,
                is_named: true,
                prefix,
                place: Some(lines.place(at)),
                fields: fields.iter().map(field).collect(),
                unread: Vec::new(),
                notes: Vec::new(),
            });
        }
    }
    if !problems.is_empty() {
        return Err(Error(problems));
    }
    Ok(Document {
        file: file.to_owned(),
        sections,
        ours: true,
    })
}

fn owned(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(i) => {
            let digits = i.as_str().replace('_', "");
            i64::from_str_radix(&digits, i.radix()).map_or_else(|_| digits.into(), Value::from)
        }
        DeValue::Float(f) => f
            .as_str()
            .replace('_', "")
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Boolean(b) => (*b).into(),
        DeValue::Datetime(d) => d.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| owned(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), owned(value.get_ref())))
            .collect(),
    }
}
