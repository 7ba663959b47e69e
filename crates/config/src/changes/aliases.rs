//! Other names for a file's constants and for parts of them: `const it = envs.priv;`, the variable
//! of a loop over them, the parameter of a function that is called with each.

use std::collections::BTreeMap;

use oxc_ast::ast::{
    ArrayExpressionElement, BindingPattern, ChainElement, Expression, MemberExpression,
    ObjectPropertyKind, Program, Statement,
};

use crate::bindings::Bindings;
use crate::literal::{argument, bare, frozen};

/// At most how many constants one name may stand for: beyond, the first are enough to tell.
const MANY: usize = 256;

/// At most how many new objects something is followed into.
const DEEP: usize = 8;

/// How deep an expression is followed; one that is deeper may stand for anything.
const FOLLOWED: usize = 32;

/// What a name or an expression refers to: a constant, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refers {
    /// The constant.
    pub name: String,
    /// The constant's member that the part is in, when it is known.
    pub key: Option<String>,
    /// How many steps below the constant the part is.
    pub depth: usize,
    /// It is a copy: only its members are shared with the original.
    pub copy: bool,
    /// Under which members it is put into new objects, the outermost last.
    held: Vec<Option<String>>,
}

impl Refers {
    fn to(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: None,
            depth: 0,
            copy: false,
            held: Vec::new(),
        }
    }

    /// Whether it is a part of a new object.
    pub(super) fn is_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// A member of it, by name when that is known; `None` when the member is another one.
    pub(super) fn member(&self, key: Option<&str>) -> Option<Self> {
        if let Some((under, outer)) = self.held.split_last() {
            let other = matches!((under, key), (Some(under), Some(key)) if under != key);
            return (!other).then(|| Self {
                held: outer.to_vec(),
                ..self.clone()
            });
        }
        Some(Self {
            key: match self.depth {
                0 => key.map(str::to_owned),
                _ => self.key.clone(),
            },
            depth: self.depth + 1,
            copy: false,
            ..self.clone()
        })
    }

    /// What a new object has that is made of its members.
    fn copied(self) -> Self {
        Self {
            copy: self.copy || self.held.is_empty(),
            ..self
        }
    }

    /// What a new list has that is made of its members, whose names do not count any more.
    fn listed(mut self) -> Self {
        if let Some(under) = self.held.last_mut() {
            *under = None;
        }
        self.copied()
    }

    /// Put into a new object, under a name if it has one. What would be too deep counts as less.
    fn held_under(mut self, key: Option<String>) -> Self {
        if self.held.len() < DEEP {
            self.held.push(key);
        }
        self
    }
}

/// What the names in reach refer to.
pub(super) struct Aliases<'b> {
    /// Names of the file's top level.
    ours: Vec<&'b str>,
    top: BTreeMap<String, Vec<Refers>>,
    /// Names of functions and blocks, the innermost last.
    scopes: Vec<BTreeMap<String, Vec<Refers>>>,
}

impl<'b> Aliases<'b> {
    pub(super) fn of(program: &Program<'_>, bindings: &Bindings<'b, '_>) -> Self {
        let mut aliases = Self {
            ours: bindings.names().collect(),
            top: BTreeMap::new(),
            scopes: Vec::new(),
        };
        // Functions may use what is declared after them.
        for statement in &program.body {
            let declaration = match statement {
                Statement::ExportDeclaration(export) => Some(&export.declaration),
                statement => statement.as_declaration(),
            };
            let Some(oxc_ast::ast::Declaration::VariableDeclaration(variables)) = declaration
            else {
                continue;
            };
            for declarator in &variables.declarations {
                if let Some(value) = &declarator.init {
                    let refers = aliases.of_expression(value);
                    aliases.declare(&declarator.id, &refers);
                }
            }
        }
        aliases
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    /// Whether a name is one of a function or block.
    pub(super) fn is_local(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains_key(name))
    }

    /// Whether a name is one of the file's top level.
    pub(super) fn is_ours(&self, name: &str) -> bool {
        self.ours.binary_search(&name).is_ok()
    }

    /// Whether a name may stand for a function.
    pub(super) fn is_code(&self, name: &str) -> bool {
        self.is_local(name) || self.is_ours(name)
    }

    /// The names of a pattern, for what has been found to be its value.
    pub(super) fn declare(&mut self, pattern: &BindingPattern<'_>, refers: &[Refers]) {
        match pattern {
            BindingPattern::BindingIdentifier(name) => self.declare_name(&name.name, refers),
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    let key = property.key.static_name();
                    let part = refers.iter().filter_map(|all| all.member(key.as_deref()));
                    let part: Vec<Refers> = part.collect();
                    self.declare(&property.value, &part);
                }
                if let Some(rest) = &object.rest {
                    let rest_of: Vec<Refers> = refers.iter().cloned().map(Refers::copied).collect();
                    self.declare(&rest.argument, &rest_of);
                }
            }
            BindingPattern::ArrayPattern(array) => {
                let part: Vec<Refers> = refers.iter().filter_map(|all| all.member(None)).collect();
                for element in array.elements.iter().flatten() {
                    self.declare(element, &part);
                }
                if let Some(rest) = &array.rest {
                    let rest_of: Vec<Refers> = refers.iter().cloned().map(Refers::copied).collect();
                    self.declare(&rest.argument, &rest_of);
                }
            }
            BindingPattern::AssignmentPattern(default) => self.declare(&default.left, refers),
        }
    }

    pub(super) fn declare_name(&mut self, name: &str, refers: &[Refers]) {
        let refers = refers.iter().take(MANY).cloned().collect();
        let scope = self.scopes.last_mut().unwrap_or(&mut self.top);
        scope.insert(name.to_owned(), refers);
    }

    /// A name stands for this, too.
    pub(super) fn also(&mut self, name: &str, refers: &[Refers]) {
        let scope = self
            .scopes
            .iter_mut()
            .rev()
            .find(|scope| scope.contains_key(name));
        let known = scope
            .unwrap_or(&mut self.top)
            .entry(name.to_owned())
            .or_default();
        for refers in refers {
            if known.len() < MANY && refers.name != name && !known.contains(refers) {
                known.push(refers.clone());
            }
        }
    }

    /// What an expression refers to.
    pub(super) fn of_expression(&self, expression: &Expression<'_>) -> Vec<Refers> {
        let mut found = Vec::new();
        self.collect(expression, FOLLOWED, &mut found);
        found.truncate(MANY);
        found
    }

    fn collect(&self, expression: &Expression<'_>, depth: usize, into: &mut Vec<Refers>) {
        if into.len() >= MANY {
            return;
        }
        let Some(depth) = depth.checked_sub(1) else {
            return into.extend(self.ours.iter().map(|name| Refers::to(name)));
        };
        match bare(expression) {
            Expression::Identifier(name) => self.name(&name.name, into),
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::TSNonNullExpression(inner) => {
                    self.collect(&inner.expression, depth, into);
                }
                ChainElement::CallExpression(call) => self.call(call, depth, into),
                member => {
                    if let Some(member) = member.as_member_expression() {
                        self.member(member, depth, into);
                    }
                }
            },
            Expression::ConditionalExpression(either) => {
                self.collect(&either.consequent, depth, into);
                self.collect(&either.alternate, depth, into);
            }
            Expression::LogicalExpression(either) => {
                self.collect(&either.left, depth, into);
                self.collect(&either.right, depth, into);
            }
            Expression::AssignmentExpression(assignment) => {
                self.collect(&assignment.right, depth, into);
            }
            Expression::AwaitExpression(awaited) => self.collect(&awaited.argument, depth, into),
            Expression::SequenceExpression(sequence) => {
                if let Some(last) = sequence.expressions.last() {
                    self.collect(last, depth, into);
                }
            }
            Expression::CallExpression(call) => self.call(call, depth, into),
            // What is put into a new object is shared with it, as a copy's members are.
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    let mut inner = Vec::new();
                    match property {
                        ObjectPropertyKind::SpreadProperty(spread) => {
                            self.collect(&spread.argument, depth, &mut inner);
                            into.extend(inner.into_iter().map(Refers::copied));
                        }
                        ObjectPropertyKind::ObjectProperty(property) => {
                            self.collect(&property.value, depth, &mut inner);
                            let key = property.key.static_name();
                            let held = |refers: Refers| {
                                refers.held_under(key.as_deref().map(str::to_owned))
                            };
                            into.extend(inner.into_iter().map(held));
                        }
                    }
                }
            }
            Expression::ArrayExpression(array) => {
                for element in &array.elements {
                    let mut inner = Vec::new();
                    if let ArrayExpressionElement::SpreadElement(spread) = element {
                        self.collect(&spread.argument, depth, &mut inner);
                        into.extend(inner.into_iter().map(Refers::listed));
                    } else if let Some(element) = element.as_expression() {
                        self.collect(element, depth, &mut inner);
                        into.extend(inner.into_iter().map(|refers| refers.held_under(None)));
                    }
                }
            }
            other => {
                if let Some(member) = other.as_member_expression() {
                    self.member(member, depth, into);
                }
            }
        }
    }

    fn part(&self, expression: &Expression<'_>, depth: usize) -> Vec<Refers> {
        let mut found = Vec::new();
        self.collect(expression, depth, &mut found);
        found
    }

    fn name(&self, name: &str, into: &mut Vec<Refers>) {
        if let Some(scope) = self
            .scopes
            .iter()
            .rev()
            .find(|scope| scope.contains_key(name))
        {
            into.extend(scope.get(name).into_iter().flatten().cloned());
        } else if self.is_ours(name) {
            into.push(Refers::to(name));
            into.extend(self.top.get(name).into_iter().flatten().cloned());
        }
    }

    fn member(&self, member: &MemberExpression<'_>, depth: usize, into: &mut Vec<Refers>) {
        let key = member.static_property_name();
        let of = self.part(member.object(), depth);
        into.extend(of.iter().filter_map(|refers| refers.member(key)));
    }

    /// What a call gives back, as far as it is what it was given.
    fn call(&self, call: &oxc_ast::ast::CallExpression<'_>, depth: usize, into: &mut Vec<Refers>) {
        if let Some(inner) = frozen(call) {
            return self.collect(inner, depth, into);
        }
        let callee = match bare(&call.callee) {
            Expression::ChainExpression(chain) => chain.expression.as_member_expression(),
            other => other.as_member_expression(),
        };
        let Some(callee) = callee else { return };
        let first = call.arguments.first().and_then(argument);
        match (callee.static_property_name(), bare(callee.object()), first) {
            (
                Some("values" | "entries" | "fromEntries"),
                Expression::Identifier(name),
                Some(first),
            ) if name.name == "Object" => {
                let of = self.part(first, depth);
                into.extend(of.into_iter().map(Refers::listed));
            }
            (Some("assign"), Expression::Identifier(name), Some(first))
                if name.name == "Object" =>
            {
                into.extend(self.part(first, depth));
            }
            (Some("filter" | "slice" | "concat" | "flat" | "toSorted" | "toReversed"), of, _) => {
                let of = self.part(of, depth);
                into.extend(of.into_iter().map(Refers::listed));
            }
            (Some("find" | "findLast" | "at" | "pop" | "shift" | "get"), of, _) => {
                let of = self.part(of, depth);
                into.extend(of.iter().filter_map(|refers| refers.member(None)));
            }
            _ => {}
        }
    }
}
