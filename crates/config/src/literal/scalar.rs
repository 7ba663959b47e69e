//! Texts, numbers and truths, and what operators make of them.

use oxc_ast::ast::{
    BinaryOperator, Expression, LogicalExpression, LogicalOperator, TSEnumDeclaration,
    TSEnumMemberName, TemplateLiteral, UnaryOperator,
};
use oxc_span::{GetSpan, Span};
use serde_json::{Number, Value};

use super::{Data, NotData, Reader, bare, is_sign};
use crate::error::quoted;

/// Bytes that a text put together may have.
const MAX_TEXT: usize = 16 * 1024;

/// A value without parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Undefined,
    Null,
    Truth(bool),
    Number(f64),
    Text(String),
}

impl Scalar {
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Undefined | Self::Null => Value::Null,
            Self::Truth(truth) => truth.into(),
            Self::Number(number) => value_of(number),
            Self::Text(text) => text.into(),
        }
    }

    /// As JavaScript judges it.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Truth(truth) => *truth,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// As it stands inside a text; what is nothing has no business there.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Self::Undefined | Self::Null => None,
            Self::Truth(truth) => Some(truth.to_string()),
            Self::Number(number) => match value_of(*number) {
                // Beyond these JavaScript writes numbers in its own way.
                Value::Number(exact) if exact.is_i64() => Some(exact.to_string()),
                _ => None,
            },
            Self::Text(text) => Some(text.clone()),
        }
    }
}

/// Whole numbers as such, as far as a double holds them exactly.
fn value_of(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within an i64")]
        let whole = number as i64;
        return whole.into();
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

impl<'e, 'a> Reader<'e, 'a> {
    /// What operators make of scalars.
    pub(super) fn computed(
        &self,
        expression: &'e Expression<'a>,
        depth: usize,
    ) -> Result<Scalar, NotData> {
        match bare(expression) {
            Expression::TemplateLiteral(template) => self.template(template, depth),
            Expression::UnaryExpression(sign) if is_sign(sign.operator) => {
                let of = &sign.argument;
                match sign.operator {
                    UnaryOperator::LogicalNot => Ok(Scalar::Truth(!self.truth(of, depth)?)),
                    // `void 0` alone is in use.
                    UnaryOperator::Void => self.scalar(of, depth).map(|_| Scalar::Undefined),
                    operator => match self.scalar(of, depth)? {
                        Scalar::Number(number) if operator == UnaryOperator::UnaryNegation => {
                            Ok(Scalar::Number(-number))
                        }
                        Scalar::Number(number) => Ok(Scalar::Number(number)),
                        _ => Err(self.needs_running(expression)),
                    },
                }
            }
            Expression::BinaryExpression(_) => self.binary(expression, depth),
            _ => Err(self.needs_running(expression)),
        }
    }

    /// Whether a condition holds.
    pub(super) fn truth(
        &self,
        expression: &'e Expression<'a>,
        depth: usize,
    ) -> Result<bool, NotData> {
        Ok(match self.data(expression, depth)? {
            Data::Scalar(scalar) => scalar.is_true(),
            Data::Array(_) | Data::Object(_) => true,
        })
    }

    /// `a && b`, `a || b`, `a ?? b`.
    pub(super) fn chosen(
        &self,
        either: &'e LogicalExpression<'a>,
        depth: usize,
    ) -> Result<Data<'e, 'a>, NotData> {
        let left = self.data(&either.left, depth)?;
        let (is_true, is_there) = match &left {
            Data::Scalar(scalar) => (
                scalar.is_true(),
                !matches!(scalar, Scalar::Null | Scalar::Undefined),
            ),
            Data::Array(_) | Data::Object(_) => (true, true),
        };
        let goes_on = match either.operator {
            LogicalOperator::And => is_true,
            LogicalOperator::Or => !is_true,
            LogicalOperator::Coalesce => !is_there,
        };
        if goes_on {
            self.data(&either.right, depth)
        } else {
            Ok(left)
        }
    }

    fn scalar(&self, expression: &'e Expression<'a>, depth: usize) -> Result<Scalar, NotData> {
        match self.data(expression, depth)? {
            Data::Scalar(scalar) => Ok(scalar),
            Data::Array(_) | Data::Object(_) => Err(self.needs_running(expression)),
        }
    }

    fn template(&self, template: &'e TemplateLiteral<'a>, depth: usize) -> Result<Scalar, NotData> {
        let mut text = String::new();
        let mut values = template.expressions.iter();
        for part in &template.quasis {
            let Some(written) = &part.value.cooked else {
                return Err((self.place(part.span), "is no valid text".into()));
            };
            text.push_str(written.as_str());
            if let Some(value) = values.next() {
                let found = self.scalar(value, depth)?.as_text();
                let found = found.ok_or_else(|| self.no_text(value))?;
                self.append(&mut text, &found, template.span)?;
            }
        }
        Ok(Scalar::Text(text))
    }

    /// `a + b + c`, which is nested to the left and read without going deeper; `a === b`.
    fn binary(&self, expression: &'e Expression<'a>, depth: usize) -> Result<Scalar, NotData> {
        let mut first = bare(expression);
        let mut rest = Vec::new();
        while let Expression::BinaryExpression(binary) = first {
            rest.push((binary.operator, &binary.right));
            first = bare(&binary.left);
        }
        let mut left = self.scalar(first, depth)?;
        for (operator, right) in rest.into_iter().rev() {
            self.spend(1, right.span())?;
            let right_value = self.scalar(right, depth)?;
            left = match (operator, left, right_value) {
                (BinaryOperator::Addition, Scalar::Number(a), Scalar::Number(b)) => {
                    Scalar::Number(a + b)
                }
                (BinaryOperator::Addition, a, b)
                    if matches!(a, Scalar::Text(_)) || matches!(b, Scalar::Text(_)) =>
                {
                    let mut text = a.as_text().ok_or_else(|| self.no_text(expression))?;
                    let more = b.as_text().ok_or_else(|| self.no_text(right))?;
                    self.append(&mut text, &more, right.span())?;
                    Scalar::Text(text)
                }
                (BinaryOperator::StrictEquality, a, b) => Scalar::Truth(a == b),
                (BinaryOperator::StrictInequality, a, b) => Scalar::Truth(a != b),
                (BinaryOperator::Subtraction, Scalar::Number(a), Scalar::Number(b)) => {
                    Scalar::Number(a - b)
                }
                (BinaryOperator::Multiplication, Scalar::Number(a), Scalar::Number(b)) => {
                    Scalar::Number(a * b)
                }
                _ => return Err(self.needs_running(expression)),
            };
        }
        Ok(left)
    }

    fn no_text(&self, expression: &Expression<'_>) -> NotData {
        let what = format!(
            "{} is no text and would stand inside one; write the text itself",
            quoted(expression.span().source_text(self.text))
        );
        (self.place(expression.span()), what)
    }

    fn append(&self, text: &mut String, more: &str, span: Span) -> Result<(), NotData> {
        if text.len() + more.len() > MAX_TEXT {
            let what = format!("is a text of more than {} KB", MAX_TEXT / 1024);
            return Err((self.place(span), what));
        }
        text.push_str(more);
        Ok(())
    }

    /// `Region.Tokyo`.
    pub(super) fn of_enum(
        &self,
        values: &'e TSEnumDeclaration<'a>,
        key: &str,
        span: Span,
        depth: usize,
    ) -> Result<Scalar, NotData> {
        // Members without a value count on from the one before.
        let mut next = Some(0.0);
        for member in &values.body.members {
            let name = match &member.id {
                TSEnumMemberName::Identifier(name) => name.name.as_str(),
                TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => {
                    name.value.as_str()
                }
                TSEnumMemberName::ComputedTemplateString(_) => "",
            };
            let value = match &member.initializer {
                // Only what is asked for, or counted on from, has to be known.
                Some(value) => self.scalar(value, depth),
                None => next
                    .map(Scalar::Number)
                    .ok_or_else(|| (self.place(member.span), "a value is missing here".into())),
            };
            if name == key {
                return value;
            }
            next = match value {
                Ok(Scalar::Number(number)) => Some(number + 1.0),
                _ => None,
            };
        }
        let what = format!(
            "the enum {} has no member {}",
            quoted(&values.id.name),
            quoted(key)
        );
        Err((self.place(span), what))
    }
}
