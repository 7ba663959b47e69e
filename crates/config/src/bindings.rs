//! What the names of a TypeScript file stand for.

use std::collections::BTreeMap;

use oxc_ast::ast::{
    BindingPattern, Declaration, Expression, ImportDeclarationSpecifier, Program, Statement,
    TSEnumDeclaration, VariableDeclaration, VariableDeclarationKind,
};
use oxc_span::Span;

/// What one name stands for.
pub(crate) enum Binding<'e, 'a> {
    /// `const NAME = …`.
    Constant(&'e Expression<'a>),
    /// `enum NAME { … }`.
    Enum(&'e TSEnumDeclaration<'a>),
    /// It comes from this other file.
    Imported(&'e str),
    /// `let` or `var`: it may be assigned anew.
    Assignable(&'static str),
    /// It is taken out of another value.
    Taken,
    /// A function or a class.
    Code(&'static str),
    /// Declared twice, which TypeScript refuses.
    Twice(Span, Span),
}

/// The names of a file's top level.
#[derive(Default)]
pub(crate) struct Bindings<'e, 'a> {
    names: BTreeMap<&'e str, (Span, Binding<'e, 'a>)>,
}

impl<'e, 'a> Bindings<'e, 'a> {
    pub(crate) fn of(program: &'e Program<'a>) -> Self {
        let mut bindings = Self::default();
        for statement in &program.body {
            match statement {
                Statement::ImportDeclaration(import) => {
                    let from = import.source.value.as_str();
                    for specifier in import.specifiers.iter().flatten() {
                        let local = match specifier {
                            ImportDeclarationSpecifier::ImportSpecifier(named) => &named.local,
                            ImportDeclarationSpecifier::ImportDefaultSpecifier(named) => {
                                &named.local
                            }
                            ImportDeclarationSpecifier::ImportNamespaceSpecifier(named) => {
                                &named.local
                            }
                        };
                        bindings.add(&local.name, local.span, Binding::Imported(from));
                    }
                }
                Statement::ExportDeclaration(export) => bindings.declare(&export.declaration),
                statement => {
                    if let Some(declaration) = statement.as_declaration() {
                        bindings.declare(declaration);
                    }
                }
            }
        }
        bindings
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Binding<'e, 'a>> {
        self.names.get(name).map(|(_, binding)| binding)
    }

    /// All names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'e str> {
        self.names.keys().copied()
    }

    fn declare(&mut self, declaration: &'e Declaration<'a>) {
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(variables),
            Declaration::FunctionDeclaration(function) => {
                if let Some(name) = &function.id {
                    self.add(&name.name, name.span, Binding::Code("a function"));
                }
            }
            Declaration::ClassDeclaration(class) => {
                if let Some(name) = &class.id {
                    self.add(&name.name, name.span, Binding::Code("a class"));
                }
            }
            Declaration::TSEnumDeclaration(values) => {
                self.add(&values.id.name, values.id.span, Binding::Enum(values));
            }
            Declaration::TSImportEqualsDeclaration(import) => {
                let from = import.id.name.as_str();
                self.add(&import.id.name, import.id.span, Binding::Imported(from));
            }
            // Types are no values, and have names of their own.
            _ => {}
        }
    }

    fn variables(&mut self, variables: &'e VariableDeclaration<'a>) {
        for declarator in &variables.declarations {
            let BindingPattern::BindingIdentifier(name) = &declarator.id else {
                for name in declarator.id.get_binding_identifiers() {
                    self.add(&name.name, name.span, Binding::Taken);
                }
                continue;
            };
            let binding = match (variables.kind, &declarator.init) {
                (VariableDeclarationKind::Const, Some(value)) => Binding::Constant(value),
                // What can be assigned anew cannot be known without running.
                (VariableDeclarationKind::Var, _) => Binding::Assignable("var"),
                (VariableDeclarationKind::Let, _) => Binding::Assignable("let"),
                _ => Binding::Taken,
            };
            self.add(&name.name, name.span, binding);
        }
    }

    fn add(&mut self, name: &'e str, span: Span, binding: Binding<'e, 'a>) {
        let before = self
            .names
            .get(name)
            .map(|(first, binding)| (*first, binding));
        let binding = match (before, binding) {
            // One function, with several signatures.
            (Some((_, Binding::Code(_))), Binding::Code(what)) => Binding::Code(what),
            (Some((first, _)), _) => Binding::Twice(first, span),
            (None, binding) => binding,
        };
        let first = self.names.get(name).map_or(span, |(first, _)| *first);
        self.names.insert(name, (first, binding));
    }
}
