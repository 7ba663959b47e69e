//! GenU's `parameter.ts`: the literal object `envs`, one property an environment.

use std::collections::BTreeMap;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    BindingPattern, Declaration, Expression, Statement, VariableDeclaration,
    VariableDeclarationKind,
};
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::Error;
use crate::document::{Document, Field, Section, place, whole};
use crate::literal::Reader;

pub(crate) fn read(file: &Path, text: &str) -> Result<Document, Error> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse();
    if let Some(error) = parsed.diagnostics.first() {
        let label = error.labels.first();
        let at = label.map(|label| place(text, label.offset() as usize));
        return Err(whole(file, at, error.message.to_string()));
    }
    let mut constants = BTreeMap::new();
    for statement in &parsed.program.body {
        match statement {
            Statement::VariableDeclaration(declaration) => collect(declaration, &mut constants),
            Statement::ExportDeclaration(export) => {
                if let Declaration::VariableDeclaration(declaration) = &export.declaration {
                    collect(declaration, &mut constants);
                }
            }
            _ => {}
        }
    }
    let reader = Reader::new(text, constants);
    let envs = reader.constant("envs").ok_or_else(|| {
        let message = "has no constant `envs`; is this GenU's parameter.ts?";
        whole(file, None, message)
    })?;
    let fault = |(at, message)| whole(file, Some(at), message);
    let mut sections = Vec::new();
    for environment in reader.properties(envs).map_err(fault)? {
        let fields = match reader.nested(&environment) {
            Ok(fields) => fields,
            // One that does not speak of the closed mode may be written as it likes.
            Err(_) if !environment.own_keys().contains(&"closedNetworkMode") => Vec::new(),
            Err(problem) => return Err(fault(problem)),
        };
        let fields = fields.into_iter().map(|property| Field {
            value: reader.value_of(&property),
            place: property.place,
            key: property.key,
        });
        sections.push(Section {
            prefix: format!("envs.{}", environment.key),
            place: Some(environment.place),
            fields: fields.collect(),
            name: environment.key,
        });
    }
    Ok(Document {
        file: file.to_owned(),
        sections,
        ours: false,
    })
}

fn collect<'e, 'a>(
    declaration: &'e VariableDeclaration<'a>,
    into: &mut BTreeMap<&'e str, &'e Expression<'a>>,
) {
    // What can be assigned anew cannot be known without running.
    if declaration.kind != VariableDeclarationKind::Const {
        return;
    }
    for declarator in &declaration.declarations {
        if let (BindingPattern::BindingIdentifier(name), Some(value)) =
            (&declarator.id, &declarator.init)
        {
            into.insert(name.name.as_str(), value);
        }
    }
}
