//! Goes through a file and finds what changes its constants.

use std::collections::BTreeSet;

use oxc_ast::ast::{
    ArrowFunctionExpression, AssignmentExpression, AssignmentTarget,
    AssignmentTargetPropertyIdentifier, BlockStatement, CallExpression, CatchClause, Expression,
    ForInStatement, ForOfStatement, ForStatement, ForStatementLeft, FormalParameters, Function,
    MemberExpression, NewExpression, Program, SimpleAssignmentTarget, Statement, UnaryExpression,
    UnaryOperator, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeFlags;

use super::aliases::{Aliases, Refers};
use super::{Change, Changes};
use crate::bindings::Bindings;
use crate::error::quoted;
use crate::lines::Lines;
use crate::literal::{argument, bare};

/// Methods that leave what they are called on as it is, of lists, objects, texts and zod's schemas.
const READING: &[&str] = &[
    "at",
    "concat",
    "endsWith",
    "entries",
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "flat",
    "flatMap",
    "forEach",
    "get",
    "has",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "length",
    "map",
    "padEnd",
    "padStart",
    "reduce",
    "replace",
    "replaceAll",
    "slice",
    "some",
    "split",
    "startsWith",
    "substring",
    "toLocaleLowerCase",
    "toLocaleUpperCase",
    "toLowerCase",
    "toReversed",
    "toSorted",
    "toString",
    "toUpperCase",
    "trim",
    "values",
];

/// Functions of the language that leave what they are given as it is, but for those of `Object` and
/// `Reflect` in `WRITING`.
const HARMLESS: &[&str] = &[
    "Array",
    "Boolean",
    "JSON",
    "Number",
    "Object",
    "Reflect",
    "String",
    "console",
    "structuredClone",
];

/// Functions of `Object` and `Reflect` that change their first argument.
const WRITING: &[&str] = &[
    "assign",
    "defineProperties",
    "defineProperty",
    "deleteProperty",
    "set",
    "setPrototypeOf",
];

/// Methods of zod's schemas, which give back something new.
const PARSING: &[&str] = &["parse", "parseAsync", "safeParse", "safeParseAsync"];

/// Goes through the file.
pub(super) struct Finder<'t, 'b> {
    text: &'t str,
    lines: &'t Lines<'t>,
    aliases: Aliases<'b>,
    found: Changes,
    /// What the parameters of the function that comes next refer to.
    given: Vec<Refers>,
}

impl<'t, 'b> Finder<'t, 'b> {
    /// All that a file does to its constants.
    pub(super) fn found_in(
        text: &'t str,
        lines: &'t Lines<'t>,
        bindings: &Bindings<'b, '_>,
        program: &Program<'_>,
    ) -> Changes {
        let mut finder = Self {
            text,
            lines,
            aliases: Aliases::of(program, bindings),
            found: Changes::default(),
            given: Vec::new(),
        };
        finder.visit_program(program);
        finder.found
    }
}

impl Finder<'_, '_> {
    /// A member of what `refers` stands for is changed, by the code at `span`.
    fn member_changes(&mut self, refers: &[Refers], key: Option<&str>, span: Span, handed: bool) {
        for refers in refers {
            // A copy has members of its own, which are nobody else's.
            if !handed && (refers.copy || refers.is_held()) {
                continue;
            }
            let key = match refers.depth {
                0 => key.map(str::to_owned),
                _ => refers.key.clone(),
            };
            self.change(&refers.name, key, span, handed);
        }
    }

    fn change(&mut self, name: &str, key: Option<String>, span: Span, handed: bool) {
        let change = Change {
            key,
            place: self.lines.place(span.start as usize),
            text: quoted(span.source_text(self.text)),
            name: name.to_owned(),
            handed,
        };
        self.found.add(name, change);
    }

    /// Something is assigned to `target`.
    fn assigned(&mut self, target: &SimpleAssignmentTarget<'_>, span: Span) {
        if let SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = target {
            if !self.aliases.is_local(&name.name) {
                self.change(&name.name, None, span, false);
            }
            return;
        }
        let inner = match target {
            SimpleAssignmentTarget::TSAsExpression(inner) => Some(&inner.expression),
            SimpleAssignmentTarget::TSSatisfiesExpression(inner) => Some(&inner.expression),
            SimpleAssignmentTarget::TSNonNullExpression(inner) => Some(&inner.expression),
            SimpleAssignmentTarget::TSTypeAssertion(inner) => Some(&inner.expression),
            _ => None,
        };
        let member = match inner {
            Some(inner) => bare(inner).as_member_expression(),
            None => target.as_member_expression(),
        };
        if let Some(member) = member {
            let refers = self.aliases.of_expression(member.object());
            let key = member.static_property_name();
            self.member_changes(&refers, key, span, false);
        }
    }

    /// `f(…)`: what it does to what it is called on and to what it is given.
    fn called(&mut self, call: &CallExpression<'_>) {
        let callee = bare(&call.callee);
        let callee = match callee {
            Expression::ChainExpression(chain) => chain.expression.as_member_expression(),
            other => other.as_member_expression(),
        };
        let method = callee.and_then(MemberExpression::static_property_name);
        let of = callee.map(|member| bare(member.object()));
        let global = match (of, bare(&call.callee)) {
            (Some(Expression::Identifier(name)), _) | (None, Expression::Identifier(name)) => {
                let ours = self.aliases.is_local(&name.name) || self.aliases.is_ours(&name.name);
                (!ours).then_some(name.name.as_str())
            }
            _ => None,
        };
        if let Some(global) = global.filter(|global| HARMLESS.contains(global)) {
            let writes = matches!(global, "Object" | "Reflect")
                && method.is_some_and(|method| WRITING.contains(&method));
            if writes && let Some(first) = call.arguments.first().and_then(argument) {
                let refers = self.aliases.of_expression(first);
                for key in assigned_keys(call) {
                    self.member_changes(&refers, key.as_deref(), call.span, false);
                }
            }
            return;
        }
        if let Some(of) = of {
            let refers = self.aliases.of_expression(of);
            match method {
                Some(method) if READING.contains(&method) => {
                    self.given = refers
                        .iter()
                        .filter_map(|refers| refers.member(None))
                        .collect();
                    self.called_back(call);
                }
                _ => self.member_changes(&refers, None, call.span, false),
            }
        }
        if method.is_none_or(|method| !PARSING.contains(&method) && !READING.contains(&method)) {
            self.handed(call.arguments.iter().filter_map(argument), call.span);
        }
    }

    /// A function that is named and not written out is given the elements, and may change them.
    fn called_back(&mut self, call: &CallExpression<'_>) {
        let named =
            call.arguments
                .iter()
                .filter_map(argument)
                .any(|argument| match bare(argument) {
                    Expression::Identifier(name) => self.aliases.is_code(&name.name),
                    _ => false,
                });
        if named {
            let given = self.given.clone();
            self.member_changes(&given, None, call.span, true);
        }
    }

    fn handed<'x, 'a: 'x>(
        &mut self,
        arguments: impl Iterator<Item = &'x Expression<'a>>,
        span: Span,
    ) {
        for argument in arguments {
            let refers = self.aliases.of_expression(argument);
            let whole: Vec<Refers> = refers.into_iter().filter(|refers| !refers.copy).collect();
            self.member_changes(&whole, None, span, true);
        }
    }

    fn parameters(&mut self, parameters: &FormalParameters<'_>) {
        let given = std::mem::take(&mut self.given);
        for parameter in &parameters.items {
            self.aliases.declare(&parameter.pattern, &given);
        }
        if let Some(rest) = &parameters.rest {
            self.aliases.declare(&rest.rest.argument, &given);
        }
    }
}

/// The members that `Object.assign(TARGET, { … })` sets; `None` for one that cannot be known.
fn assigned_keys(call: &CallExpression<'_>) -> BTreeSet<Option<String>> {
    let callee = bare(&call.callee).as_member_expression();
    let method = callee.and_then(MemberExpression::static_property_name);
    let mut keys = BTreeSet::new();
    let sources = call.arguments.iter().skip(1).map(argument);
    match method {
        Some("assign") => {
            for source in sources {
                match source.map(bare) {
                    Some(Expression::ObjectExpression(object)) => {
                        let properties = object.properties.iter();
                        keys.extend(properties.map(|property| {
                            let key = property.as_property()?.key.static_name()?;
                            Some(key.into_owned())
                        }));
                    }
                    _ => drop(keys.insert(None)),
                }
            }
        }
        _ => drop(keys.insert(match sources.flatten().next().map(bare) {
            Some(Expression::StringLiteral(key)) => Some(key.value.to_string()),
            _ => None,
        })),
    }
    keys
}

impl<'a> Visit<'a> for Finder<'_, '_> {
    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        self.aliases.enter();
        self.parameters(&function.params);
        walk::walk_function(self, function, flags);
        self.aliases.leave();
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        self.aliases.enter();
        self.parameters(&function.params);
        walk::walk_arrow_function_expression(self, function);
        self.aliases.leave();
    }

    fn visit_block_statement(&mut self, block: &BlockStatement<'a>) {
        self.aliases.enter();
        walk::walk_block_statement(self, block);
        self.aliases.leave();
    }

    fn visit_for_statement(&mut self, statement: &ForStatement<'a>) {
        self.aliases.enter();
        walk::walk_for_statement(self, statement);
        self.aliases.leave();
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        self.aliases.enter();
        let each = self.aliases.of_expression(&statement.right);
        let each: Vec<Refers> = each
            .iter()
            .filter_map(|refers| refers.member(None))
            .collect();
        if let ForStatementLeft::VariableDeclaration(variables) = &statement.left {
            for declarator in &variables.declarations {
                self.aliases.declare(&declarator.id, &each);
            }
        }
        // Not the declaration: it has no value of its own.
        if let Some(target) = statement.left.as_assignment_target() {
            self.visit_assignment_target(target);
        }
        self.visit_expression(&statement.right);
        self.visit_statement(&statement.body);
        self.aliases.leave();
    }

    fn visit_for_in_statement(&mut self, statement: &ForInStatement<'a>) {
        self.aliases.enter();
        walk::walk_for_in_statement(self, statement);
        self.aliases.leave();
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause<'a>) {
        self.aliases.enter();
        if let Some(parameter) = &clause.param {
            self.aliases.declare(&parameter.pattern, &[]);
        }
        walk::walk_catch_clause(self, clause);
        self.aliases.leave();
    }

    fn visit_statement(&mut self, statement: &Statement<'a>) {
        // A function's name is one of the block that it stands in.
        if let Statement::FunctionDeclaration(function) = statement
            && let Some(name) = &function.id
        {
            self.aliases.declare_name(&name.name, &[]);
        }
        walk::walk_statement(self, statement);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        walk::walk_variable_declarator(self, declarator);
        let refers = declarator.init.as_ref();
        let refers = refers.map(|value| self.aliases.of_expression(value));
        self.aliases
            .declare(&declarator.id, &refers.unwrap_or_default());
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        let refers = self.aliases.of_expression(&assignment.right);
        if let AssignmentTarget::AssignmentTargetIdentifier(name) = &assignment.left {
            self.aliases.also(&name.name, &refers);
        } else if let Some(member) = assignment.left.as_member_expression() {
            // It is kept in something that may be changed under its other name.
            let mut holder = bare(member.object());
            while let Some(member) = holder.as_member_expression() {
                holder = bare(member.object());
            }
            if let Expression::Identifier(name) = holder {
                self.aliases.also(&name.name, &refers);
            }
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_simple_assignment_target(&mut self, target: &SimpleAssignmentTarget<'a>) {
        self.assigned(target, target.span());
        walk::walk_simple_assignment_target(self, target);
    }

    fn visit_assignment_target_property_identifier(
        &mut self,
        target: &AssignmentTargetPropertyIdentifier<'a>,
    ) {
        if !self.aliases.is_local(&target.binding.name) {
            self.change(&target.binding.name, None, target.span, false);
        }
        walk::walk_assignment_target_property_identifier(self, target);
    }

    fn visit_unary_expression(&mut self, unary: &UnaryExpression<'a>) {
        if unary.operator == UnaryOperator::Delete
            && let Some(member) = bare(&unary.argument).as_member_expression()
        {
            let refers = self.aliases.of_expression(member.object());
            self.member_changes(&refers, member.static_property_name(), unary.span, false);
        }
        walk::walk_unary_expression(self, unary);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        self.visit_expression(&call.callee);
        self.called(call);
        let given = std::mem::take(&mut self.given);
        for argument in &call.arguments {
            self.given.clone_from(&given);
            self.visit_argument(argument);
        }
        self.given.clear();
    }

    fn visit_new_expression(&mut self, new: &NewExpression<'a>) {
        self.handed(new.arguments.iter().filter_map(argument), new.span);
        walk::walk_new_expression(self, new);
    }
}
