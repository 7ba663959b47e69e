//! TypeScript read as data: literals, arrays, objects and constants of the same file. Nothing is
//! run; what would have to be is an error with its place. JSON is a part of the same language.

use std::collections::BTreeMap;

use oxc_ast::ast::{
    ArrayExpressionElement, Expression, ObjectExpression, ObjectPropertyKind, PropertyKey,
    PropertyKind, UnaryOperator,
};
use oxc_span::{GetSpan, Span};
use serde_json::{Map, Number, Value};

use crate::document::{Place, place};

/// How deep constants may refer to each other; beyond that they refer to themselves.
const DEPTH: usize = 64;

/// Why something is not data, and where.
pub(crate) type NotData = (Place, String);

/// A property before its value is looked at, which may never be needed.
pub(crate) struct Property<'e, 'a> {
    pub key: String,
    pub place: Place,
    value: &'e Expression<'a>,
}

impl<'e> Property<'e, '_> {
    /// The keys that its value, an object, names itself, whatever their values are.
    pub(crate) fn own_keys(&self) -> Vec<&'e str> {
        let Expression::ObjectExpression(object) = bare(self.value) else {
            return Vec::new();
        };
        let own = object
            .properties
            .iter()
            .filter_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => match &property.key {
                    PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
                    PropertyKey::StringLiteral(name) => Some(name.value.as_str()),
                    _ => None,
                },
                ObjectPropertyKind::SpreadProperty(_) => None,
            });
        own.collect()
    }
}

/// The text, and the constants that may be referred to by name.
pub(crate) struct Reader<'e, 'a> {
    text: &'e str,
    constants: BTreeMap<&'e str, &'e Expression<'a>>,
}

impl<'e, 'a> Reader<'e, 'a> {
    pub(crate) fn new(text: &'e str, constants: BTreeMap<&'e str, &'e Expression<'a>>) -> Self {
        Self { text, constants }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        place(self.text, span.start as usize)
    }

    /// A constant's expression.
    pub(crate) fn constant(&self, name: &str) -> Option<&'e Expression<'a>> {
        self.constants.get(name).copied()
    }

    /// The properties of an object, those spread into it among them; a later one of the same name
    /// takes the place of an earlier one.
    pub(crate) fn properties(
        &self,
        of: &'e Expression<'a>,
    ) -> Result<Vec<Property<'e, 'a>>, NotData> {
        let mut properties = Vec::new();
        self.collect(self.object(of, DEPTH)?, DEPTH, &mut properties)?;
        Ok(properties)
    }

    pub(crate) fn value_of(&self, property: &Property<'e, 'a>) -> Result<Value, NotData> {
        self.value(property.value, DEPTH)
    }

    pub(crate) fn nested(
        &self,
        property: &Property<'e, 'a>,
    ) -> Result<Vec<Property<'e, 'a>>, NotData> {
        self.properties(property.value)
    }

    fn collect(
        &self,
        object: &'e ObjectExpression<'a>,
        depth: usize,
        into: &mut Vec<Property<'e, 'a>>,
    ) -> Result<(), NotData> {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let depth = self.deeper(depth, spread.span)?;
                    self.collect(self.object(&spread.argument, depth)?, depth, into)?;
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    let plain = property.kind == PropertyKind::Init && !property.method;
                    let key = match &property.key {
                        PropertyKey::StaticIdentifier(name) if plain => name.name.to_string(),
                        PropertyKey::StringLiteral(name) if plain => name.value.to_string(),
                        other => {
                            let what =
                                "only names and strings can be keys, and only values follow them";
                            return Err((self.place(other.span()), what.into()));
                        }
                    };
                    into.retain(|earlier| earlier.key != key);
                    into.push(Property {
                        key,
                        place: self.place(property.key.span()),
                        value: &property.value,
                    });
                }
            }
        }
        Ok(())
    }

    fn object(
        &self,
        expression: &'e Expression<'a>,
        depth: usize,
    ) -> Result<&'e ObjectExpression<'a>, NotData> {
        match bare(expression) {
            Expression::ObjectExpression(object) => Ok(object),
            Expression::Identifier(name) => self.object(
                self.named(&name.name, name.span)?,
                self.deeper(depth, name.span)?,
            ),
            other => Err(self.needs_running(other, "an object, { … }, is expected here")),
        }
    }

    fn value(&self, expression: &'e Expression<'a>, depth: usize) -> Result<Value, NotData> {
        Ok(match bare(expression) {
            Expression::BooleanLiteral(literal) => literal.value.into(),
            Expression::NullLiteral(_) => Value::Null,
            Expression::StringLiteral(literal) => literal.value.as_str().into(),
            Expression::NumericLiteral(literal) => number(literal.value),
            Expression::UnaryExpression(minus)
                if minus.operator == UnaryOperator::UnaryNegation =>
            {
                match self.value(&minus.argument, depth)?.as_f64() {
                    Some(value) => number(-value),
                    None => return Err(self.needs_running(expression, "a value is expected here")),
                }
            }
            Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
                let parts = template.quasis.iter();
                let parts = parts.filter_map(|part| part.value.cooked.as_ref());
                parts
                    .map(oxc_ast::ast::Str::as_str)
                    .collect::<String>()
                    .into()
            }
            Expression::Identifier(name) if name.name == "undefined" => Value::Null,
            Expression::Identifier(name) => self.value(
                self.named(&name.name, name.span)?,
                self.deeper(depth, name.span)?,
            )?,
            Expression::ArrayExpression(array) => {
                let mut items = Vec::new();
                for element in &array.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            let depth = self.deeper(depth, spread.span)?;
                            match self.value(&spread.argument, depth)? {
                                Value::Array(more) => items.extend(more),
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
                            Some(element) => items.push(self.value(element, depth)?),
                            None => return Err((self.place(array.span), "no data".into())),
                        },
                    }
                }
                items.into()
            }
            Expression::ObjectExpression(_) => {
                let depth = self.deeper(depth, expression.span())?;
                let mut properties = Vec::new();
                self.collect(self.object(expression, depth)?, depth, &mut properties)?;
                let mut object = Map::new();
                for property in properties {
                    object.insert(property.key, self.value(property.value, depth)?);
                }
                object.into()
            }
            other => return Err(self.needs_running(other, "write the value itself")),
        })
    }

    fn named(&self, name: &str, span: Span) -> Result<&'e Expression<'a>, NotData> {
        self.constant(name).ok_or_else(|| {
            let what = format!("{name} is not a constant of this file; write the value itself");
            (self.place(span), what)
        })
    }

    fn deeper(&self, depth: usize, span: Span) -> Result<usize, NotData> {
        depth
            .checked_sub(1)
            .ok_or_else(|| (self.place(span), "refers to itself".into()))
    }

    fn needs_running(&self, expression: &Expression<'_>, instead: &str) -> NotData {
        let span = expression.span();
        let text = span.source_text(self.text);
        let first = text.lines().next().unwrap_or_default();
        let more = if first.len() < text.len() { " …" } else { "" };
        let what =
            format!("`{first}{more}` would have to be run, and files are only read; {instead}");
        (self.place(span), what)
    }
}

/// Without parentheses and type annotations.
fn bare<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    match expression {
        Expression::ParenthesizedExpression(inner) => bare(&inner.expression),
        Expression::TSAsExpression(inner) => bare(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => bare(&inner.expression),
        Expression::TSTypeAssertion(inner) => bare(&inner.expression),
        Expression::TSNonNullExpression(inner) => bare(&inner.expression),
        other => other,
    }
}

/// Whole numbers as such, as far as a double holds them exactly.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within an i64")]
        let whole = value as i64;
        return whole.into();
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
