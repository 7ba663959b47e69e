//! Names, and members of what they stand for: `region`, `settings.region`, `Region.Tokyo`.

use oxc_ast::ast::{ArrayExpressionElement, Expression, MemberExpression};
use oxc_span::Span;

use super::scalar::Scalar;
use super::{Data, INSTEAD, Name, NotData, Reader, bare};
use crate::bindings::Binding;
use crate::error::quoted;

impl<'e, 'a> Reader<'e, 'a> {
    /// What a name stands for.
    pub(super) fn named(
        &self,
        name: &'e str,
        span: Span,
        depth: usize,
    ) -> Result<Data<'e, 'a>, NotData> {
        let depth = self.deeper(depth, span)?;
        let refused = |why: String| Err((self.place(span), why));
        match self.bindings.get(name) {
            None if name == "undefined" => Ok(Data::Scalar(Scalar::Undefined)),
            None => refused(format!(
                "{} is not a constant of this file, and files are only read; {INSTEAD}",
                quoted(name)
            )),
            Some(Binding::Constant(value)) => match self.data(value, depth)? {
                Data::Object(mut object) => {
                    object.names.push(name);
                    Ok(Data::Object(object))
                }
                Data::Array(array) => match self.changes.of(name).next() {
                    Some(change) => Err((change.place, change.why())),
                    None => Ok(Data::Array(array)),
                },
                scalar @ Data::Scalar(_) => Ok(scalar),
            },
            Some(Binding::Enum(_)) => refused(format!(
                "{} is an enum; name one of its members",
                quoted(name)
            )),
            Some(Binding::Imported(from)) => refused(format!(
                "{} comes by an import from {}, and only this file is read; {INSTEAD}",
                quoted(name),
                quoted(from)
            )),
            Some(Binding::Assignable(how)) => refused(format!(
                "{} is declared with `{how}` and may be assigned anew; declare it with `const`",
                quoted(name)
            )),
            Some(Binding::Taken) => refused(format!(
                "{} is taken out of another value, which would have to be run; {INSTEAD}",
                quoted(name)
            )),
            Some(Binding::Code(what)) => {
                refused(format!("{} is {what}, no data; {INSTEAD}", quoted(name)))
            }
            Some(Binding::Twice(first, second)) => Err((
                self.place(*second),
                format!(
                    "{} is declared twice, in line {} and here; TypeScript refuses that: keep one of them",
                    quoted(name),
                    self.place(*first).0
                ),
            )),
        }
    }

    /// `settings.region`, `Region.Tokyo`, `zones[0]`.
    pub(super) fn member(
        &self,
        member: &'e MemberExpression<'a>,
        span: Span,
        depth: usize,
    ) -> Result<Data<'e, 'a>, NotData> {
        let not_known = || (self.place(span), self.would_have_to_be_run(span));
        let key = match member {
            MemberExpression::StaticMemberExpression(member) => member.property.name.to_string(),
            MemberExpression::ComputedMemberExpression(member) => {
                match self.data(&member.expression, depth)? {
                    Data::Scalar(key) => key.as_text().ok_or_else(not_known)?,
                    _ => return Err(not_known()),
                }
            }
            MemberExpression::PrivateFieldExpression(_) => return Err(not_known()),
        };
        if let Expression::Identifier(name) = bare(member.object()) {
            match self.bindings.get(&name.name) {
                Some(Binding::Enum(values)) => {
                    return self.of_enum(values, &key, span, depth).map(Data::Scalar);
                }
                // `process.env.X` is told as a whole.
                None => return Err(not_known()),
                Some(_) => {}
            }
        } else if bare(member.object()).is_member_expression() && !self.begins_here(member.object())
        {
            return Err(not_known());
        }
        match self.data(member.object(), depth)? {
            Data::Object(object) => {
                let members = self.members(&object, depth)?;
                for member in members.into_iter().rev() {
                    match member.name {
                        Name::Is(name) if name == key => return self.data(member.value?, depth),
                        Name::Is(_) => {}
                        Name::Unknown(_) => return self.data(member.value?, depth),
                    }
                }
                Ok(Data::Scalar(Scalar::Undefined))
            }
            Data::Array(array) => {
                let plain = array
                    .elements
                    .iter()
                    .all(|item| item.as_expression().is_some());
                let at = key.parse::<usize>().ok().filter(|_| plain);
                let item = at.and_then(|at| array.elements.get(at));
                match item.and_then(ArrayExpressionElement::as_expression) {
                    Some(item) => self.data(item, depth),
                    None => Err(not_known()),
                }
            }
            Data::Scalar(_) => Err(not_known()),
        }
    }

    /// Whether the first name of a chain of members is one of this file's.
    fn begins_here(&self, expression: &Expression<'_>) -> bool {
        let mut expression = bare(expression);
        while let Some(member) = expression.as_member_expression() {
            expression = bare(member.object());
        }
        matches!(expression, Expression::Identifier(name) if self.bindings.get(&name.name).is_some())
    }
}
