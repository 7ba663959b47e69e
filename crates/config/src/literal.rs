//! TypeScript read as data: literals, and what can be known of the rest without running it. What
//! would have to be run is told with its place. JSON is a part of the same language.

mod members;
mod references;
mod scalar;

use std::cell::Cell;

use oxc_ast::ast::{
    Argument, ArrayExpression, ArrayExpressionElement, CallExpression, ChainElement, Expression,
    ObjectExpression, UnaryOperator,
};
use oxc_span::{GetSpan, Span};
use serde_json::{Map, Value};

pub(crate) use self::members::{Member, Name};
use self::scalar::Scalar;
use crate::bindings::Bindings;
use crate::changes::Changes;
use crate::error::quoted;
use crate::lines::{Lines, Place};

/// How deep values may be nested, and names may refer to each other; beyond that they refer to
/// themselves.
const DEPTH: usize = 64;

/// How many values one environment may have, those of constants counted as often as they are used.
const VALUES: usize = 20_000;

/// How many values a file may have.
const ALL_VALUES: usize = 400_000;

/// How many bytes of text count as one value.
const TEXT: usize = 64;

/// What to do about something that is no data.
const INSTEAD: &str = "write the value itself here, or keep the environment in genu.toml";

/// Why something is not data, and where.
pub(crate) type NotData = (Place, String);

/// What an expression comes to.
enum Data<'e, 'a> {
    Scalar(Scalar),
    Array(&'e ArrayExpression<'a>),
    Object(Object<'e, 'a>),
}

/// An object literal.
struct Object<'e, 'a> {
    literal: &'e ObjectExpression<'a>,
    /// The constants that it is the value of: what is done to them is done to it.
    names: Vec<&'e str>,
}

/// The text, and what its names stand for.
pub(crate) struct Reader<'e, 'a> {
    text: &'e str,
    lines: &'e Lines<'e>,
    bindings: &'e Bindings<'e, 'a>,
    changes: &'e Changes,
    /// JSON takes the last of several members of one name, TypeScript refuses them.
    json: bool,
    left: Cell<usize>,
    left_of_all: Cell<usize>,
}

impl<'e, 'a> Reader<'e, 'a> {
    pub(crate) fn new(
        text: &'e str,
        lines: &'e Lines<'e>,
        bindings: &'e Bindings<'e, 'a>,
        changes: &'e Changes,
        json: bool,
    ) -> Self {
        Self {
            text,
            lines,
            bindings,
            changes,
            json,
            left: Cell::new(VALUES),
            left_of_all: Cell::new(ALL_VALUES),
        }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        self.lines.place(span.start as usize)
    }

    /// What has been read so far counts no longer towards what one environment may have.
    pub(crate) fn next_environment(&self) {
        self.left.set(VALUES);
    }

    /// A constant's members.
    ///
    /// # Errors
    /// There is no such constant, or it is no object.
    pub(crate) fn constant(&self, name: &'e str) -> Result<Vec<Member<'e, 'a>>, NotData> {
        let span = Span::default();
        match self.named(name, span, DEPTH)? {
            Data::Object(object) => self.members(&object, DEPTH),
            _ => Err((self.place(span), format!("`{name}` is no object, {{ … }}"))),
        }
    }

    /// The members of an object.
    ///
    /// # Errors
    /// It is none, or cannot be known.
    pub(crate) fn members_of(
        &self,
        expression: &'e Expression<'a>,
    ) -> Result<Vec<Member<'e, 'a>>, NotData> {
        match self.data(expression, DEPTH)? {
            Data::Object(object) => self.members(&object, DEPTH),
            _ => {
                let place = self.place(expression.span());
                Err((place, "an object, { … }, is expected here".into()))
            }
        }
    }

    /// The members that a member, an object, has.
    ///
    /// # Errors
    /// It is none, or cannot be known.
    pub(crate) fn nested(&self, member: &Member<'e, 'a>) -> Result<Vec<Member<'e, 'a>>, NotData> {
        self.members_of(member.value.clone()?)
    }

    /// The value of a member.
    ///
    /// # Errors
    /// It cannot be known.
    pub(crate) fn value_of(&self, member: &Member<'e, 'a>) -> Result<Value, NotData> {
        self.value(member.value.clone()?, DEPTH)
    }

    fn value(&self, expression: &'e Expression<'a>, depth: usize) -> Result<Value, NotData> {
        let span = expression.span();
        Ok(match self.data(expression, depth)? {
            Data::Scalar(scalar) => {
                if let Scalar::Text(text) = &scalar {
                    self.spend(text.len() / TEXT, span)?;
                }
                scalar.into_value()
            }
            Data::Array(array) => {
                let mut items = Vec::new();
                self.items(array, self.deeper(depth, span)?, &mut items)?;
                items.into()
            }
            Data::Object(object) => {
                let depth = self.deeper(depth, span)?;
                let mut map = Map::new();
                for member in self.members(&object, depth)? {
                    let value = self.value(member.value?, depth)?;
                    match member.name {
                        Name::Is(name) => drop(map.insert(name, value)),
                        Name::Unknown(_) => {}
                    }
                }
                map.into()
            }
        })
    }

    fn items(
        &self,
        array: &'e ArrayExpression<'a>,
        depth: usize,
        into: &mut Vec<Value>,
    ) -> Result<(), NotData> {
        for element in &array.elements {
            match element {
                ArrayExpressionElement::SpreadElement(spread) => {
                    let depth = self.deeper(depth, spread.span)?;
                    match self.data(&spread.argument, depth)? {
                        Data::Array(more) => self.items(more, depth, into)?,
                        _ => {
                            let what = "only an array can be spread into an array";
                            return Err((self.place(spread.span), what.into()));
                        }
                    }
                }
                ArrayExpressionElement::Elision(hole) => {
                    return Err((self.place(hole.span), "an element is missing".into()));
                }
                element => match element.as_expression() {
                    Some(element) => into.push(self.value(element, depth)?),
                    None => return Err((self.place(array.span), "is no data".into())),
                },
            }
        }
        Ok(())
    }

    /// Follows names, members, conditions and what else can be known, until a literal is there.
    fn data(&self, expression: &'e Expression<'a>, depth: usize) -> Result<Data<'e, 'a>, NotData> {
        let span = expression.span();
        let depth = self.deeper(depth, span)?;
        self.spend(1, span)?;
        let scalar = |scalar| Ok(Data::Scalar(scalar));
        match bare(expression) {
            Expression::BooleanLiteral(literal) => scalar(Scalar::Truth(literal.value)),
            Expression::NullLiteral(_) => scalar(Scalar::Null),
            Expression::StringLiteral(literal) => scalar(Scalar::Text(literal.value.to_string())),
            Expression::NumericLiteral(literal) => scalar(Scalar::Number(literal.value)),
            Expression::ArrayExpression(array) => Ok(Data::Array(array)),
            Expression::ObjectExpression(literal) => Ok(Data::Object(Object {
                literal,
                names: Vec::new(),
            })),
            Expression::Identifier(name) => self.named(name.name.as_str(), span, depth),
            Expression::TemplateLiteral(_)
            | Expression::BinaryExpression(_)
            | Expression::UnaryExpression(_) => self.computed(expression, depth).map(Data::Scalar),
            Expression::ConditionalExpression(either) => {
                let test = self.truth(&either.test, depth)?;
                let chosen = if test {
                    &either.consequent
                } else {
                    &either.alternate
                };
                self.data(chosen, depth)
            }
            Expression::LogicalExpression(either) => self.chosen(either, depth),
            Expression::CallExpression(call) => match frozen(call) {
                Some(inner) => self.data(inner, depth),
                None => Err(self.needs_running(expression)),
            },
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(_) | ChainElement::TSNonNullExpression(_) => {
                    Err(self.needs_running(expression))
                }
                chain => match chain.as_member_expression() {
                    Some(member) => self.member(member, span, depth),
                    None => Err(self.needs_running(expression)),
                },
            },
            other => match other.as_member_expression() {
                Some(member) => self.member(member, span, depth),
                None => Err(self.needs_running(expression)),
            },
        }
    }

    fn spend(&self, values: usize, span: Span) -> Result<(), NotData> {
        for left in [&self.left, &self.left_of_all] {
            let Some(rest) = left.get().checked_sub(values) else {
                let what = format!(
                    "comes to more than {VALUES} values, which no parameters need; are constants spread into each other again and again?"
                );
                return Err((self.place(span), what));
            };
            left.set(rest);
        }
        Ok(())
    }

    fn deeper(&self, depth: usize, span: Span) -> Result<usize, NotData> {
        depth.checked_sub(1).ok_or_else(|| {
            let what = format!("refers to itself, or is nested deeper than {DEPTH} levels");
            (self.place(span), what)
        })
    }

    fn needs_running(&self, expression: &Expression<'_>) -> NotData {
        let span = expression.span();
        (self.place(span), self.would_have_to_be_run(span))
    }

    fn would_have_to_be_run(&self, span: Span) -> String {
        format!(
            "{} would have to be run, and files are only read; {INSTEAD}",
            quoted(span.source_text(self.text))
        )
    }
}

/// Without parentheses and words for the type checker.
pub(crate) fn bare<'e, 'a>(mut expression: &'e Expression<'a>) -> &'e Expression<'a> {
    loop {
        expression = match expression {
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            Expression::TSSatisfiesExpression(inner) => &inner.expression,
            Expression::TSTypeAssertion(inner) => &inner.expression,
            Expression::TSNonNullExpression(inner) => &inner.expression,
            other => return other,
        }
    }
}

/// What `Object.freeze` and its like give back: what they are given.
pub(crate) fn frozen<'e, 'a>(call: &'e CallExpression<'a>) -> Option<&'e Expression<'a>> {
    let callee = bare(&call.callee).as_member_expression()?;
    let object =
        matches!(bare(callee.object()), Expression::Identifier(name) if name.name == "Object");
    let keeps = ["freeze", "seal", "preventExtensions"];
    let known = object && keeps.contains(&callee.static_property_name()?);
    match call.arguments.as_slice() {
        [only] if known => only.as_expression(),
        _ => None,
    }
}

/// A call's argument, spread or not.
pub(crate) fn argument<'e, 'a>(argument: &'e Argument<'a>) -> Option<&'e Expression<'a>> {
    match argument {
        Argument::SpreadElement(spread) => Some(&spread.argument),
        other => other.as_expression(),
    }
}

/// `!0`, `!!x`, `-1`.
fn is_sign(operator: UnaryOperator) -> bool {
    matches!(
        operator,
        UnaryOperator::UnaryNegation
            | UnaryOperator::UnaryPlus
            | UnaryOperator::LogicalNot
            | UnaryOperator::Void
    )
}
