//! Writes down which parameters a release of GenU knows, from its own `stack-input.ts`: a line each,
//! with its form. `crates/config` holds its own lists against them.

use std::fmt::Write;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Argument, Declaration, Expression, ObjectExpression, Program, Statement};
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::Done;

/// Where the releases are.
const FOLDER: &str = "crates/config/genu";

/// Renews the extract of `release` from a `stack-input.ts`, of this commit and date.
pub(crate) fn write(file: &str, release: &str, commit: &str, date: &str) -> Done {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let parameters = parameters(&text).ok_or_else(|| {
        format!("{file} has no constant z.object({{ … }}) to start with; is it GenU's packages/cdk/lib/stack-input.ts?")
    })?;
    let mut extract = format!(
        "# GenU {release}: the parameters of packages/cdk/lib/stack-input.ts\n# commit {commit}, {date}\n# name and form; ? may be null. Written by cargo xtask genu-parameters.\n"
    );
    for (name, form) in &parameters {
        writeln!(extract, "{name} {form}")?;
    }
    let to = Path::new(FOLDER).join(format!("{release}.txt"));
    std::fs::write(&to, extract)?;
    println!("{}: {} parameters", to.display(), parameters.len());
    Ok(())
}

/// The members of the first schema, which later ones extend.
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse();
    if !parsed.diagnostics.is_empty() {
        return None;
    }
    let schema = schemas(&parsed.program).next()?;
    let properties = schema.properties.iter().filter_map(|p| p.as_property());
    let mut parameters: Vec<(String, String)> = properties
        .filter_map(|p| Some((p.key.static_name()?.into_owned(), form(&p.value)?)))
        .collect();
    // One that was not understood would be missing without a word.
    if parameters.len() != schema.properties.len() {
        return None;
    }
    parameters.sort();
    Some(parameters)
}

/// The constants `z.object({ … })`, whatever is called on them.
fn schemas<'e, 'a>(program: &'e Program<'a>) -> impl Iterator<Item = &'e ObjectExpression<'a>> {
    let declarations = program.body.iter().filter_map(|statement| match statement {
        Statement::ExportDeclaration(export) => Some(&export.declaration),
        statement => statement.as_declaration(),
    });
    let variables = declarations.filter_map(|declaration| match declaration {
        Declaration::VariableDeclaration(variables) => Some(&variables.declarations),
        _ => None,
    });
    variables.flatten().filter_map(|variable| {
        let (name, arguments) = innermost(variable.init.as_ref()?, &mut false)?;
        match arguments.first() {
            Some(Argument::ObjectExpression(object)) if name == "object" => Some(&**object),
            _ => None,
        }
    })
}

/// `z.string().nullish()` is `string?`.
fn form(schema: &Expression<'_>) -> Option<String> {
    let mut may_be_null = false;
    let (name, _) = innermost(schema, &mut may_be_null)?;
    Some(format!("{name}{}", if may_be_null { "?" } else { "" }))
}

/// `z.NAME(ARGUMENTS)` in a chain of calls on it.
fn innermost<'e, 'a>(
    expression: &'e Expression<'a>,
    may_be_null: &mut bool,
) -> Option<(&'e str, &'e [Argument<'a>])> {
    let Expression::CallExpression(call) = expression else {
        return None;
    };
    let Expression::StaticMemberExpression(callee) = &call.callee else {
        return None;
    };
    let name = callee.property.name.as_str();
    *may_be_null |= matches!(name, "nullish" | "nullable" | "optional");
    match &callee.object {
        Expression::Identifier(z) if z.name == "z" => Some((name, &call.arguments)),
        inner => innermost(inner, may_be_null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_forms_are_those_of_the_first_schema() {
        let text = "import { z } from 'zod';
            const base = z.object({
              name: z.string().nullish(),
              'list': z.array(z.string()).default([]),
              on: z.boolean().default(process.env.ON === 'yes'),
            });
            export const other = base.extend({ more: z.string() });";
        let found = parameters(text).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(n, f)| (&**n, &**f)).collect();
        let expected = [("list", "array"), ("name", "string?"), ("on", "boolean")];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_understood_is_no_extract() {
        assert_eq!(parameters("const a = 1;"), None);
        assert_eq!(
            parameters("const a = z.object({ ...more, b: z.string() });"),
            None
        );
        assert_eq!(parameters("const a = z.object({ b: other });"), None);
        assert_eq!(parameters("const a = z.object({"), None);
    }
}
