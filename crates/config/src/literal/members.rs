//! The members of an object, those spread into it among them.

use std::collections::HashMap;

use oxc_ast::ast::{
    Expression, ObjectProperty, ObjectPropertyKind, PropertyKey, PropertyKind, SpreadElement,
};
use oxc_span::GetSpan;

use super::{Data, NotData, Object, Reader, Scalar};
use crate::error::quoted;
use crate::lines::Place;

/// What a member is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// This.
    Is(String),
    /// It cannot be known; so it is written.
    Unknown(String),
}

/// A member before its value is looked at, which may never be needed.
pub(crate) struct Member<'e, 'a> {
    pub name: Name,
    pub place: Place,
    /// Its value, or why there is none that can be known.
    pub value: Result<&'e Expression<'a>, NotData>,
    /// Whether it may take the place of members before it, although its name is unknown: what is
    /// spread from elsewhere may have any number of members.
    pub spread: bool,
}

impl Member<'_, '_> {
    /// Whether it is called so.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&self.name, Name::Is(own) if own == name)
    }
}

/// Members by name: a later one takes the place of an earlier one.
#[derive(Default)]
struct Collected<'e, 'a> {
    members: Vec<Option<Member<'e, 'a>>>,
    at: HashMap<String, usize>,
}

impl<'e, 'a> Collected<'e, 'a> {
    fn add(&mut self, member: Member<'e, 'a>) {
        if let Name::Is(name) = &member.name
            && let Some(earlier) = self.at.insert(name.clone(), self.members.len())
            && let Some(earlier) = self.members.get_mut(earlier)
        {
            *earlier = None;
        }
        self.members.push(Some(member));
    }
}

impl<'e, 'a> Reader<'e, 'a> {
    /// The members of an object, in the order in which they are written.
    pub(super) fn members(
        &self,
        object: &Object<'e, 'a>,
        depth: usize,
    ) -> Result<Vec<Member<'e, 'a>>, NotData> {
        let mut collected = Collected::default();
        self.collect(object, depth, &mut collected)?;
        Ok(collected.members.into_iter().flatten().collect())
    }

    fn collect(
        &self,
        object: &Object<'e, 'a>,
        depth: usize,
        into: &mut Collected<'e, 'a>,
    ) -> Result<(), NotData> {
        let mut written: HashMap<String, Place> = HashMap::new();
        for property in &object.literal.properties {
            self.spend(1, property.span())?;
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => self.spread(spread, depth, into)?,
                ObjectPropertyKind::ObjectProperty(property) => {
                    let mut member = self.property(property, depth);
                    if let Name::Is(name) = &member.name
                        && !self.json
                        && let Some((line, _)) = written.insert(name.clone(), member.place)
                    {
                        let what = format!(
                            "{} is written twice, in line {line} and here; TypeScript refuses that: keep one of them",
                            quoted(name)
                        );
                        member.value = Err((member.place, what));
                    }
                    into.add(member);
                }
            }
        }
        // What is done to the constant after its declaration.
        for change in object.names.iter().flat_map(|name| self.changes.of(name)) {
            into.add(Member {
                name: match &change.key {
                    Some(key) => Name::Is(key.clone()),
                    None => Name::Unknown(change.text.clone()),
                },
                place: change.place,
                value: Err((change.place, change.why())),
                spread: change.key.is_none(),
            });
        }
        Ok(())
    }

    fn spread(
        &self,
        spread: &'e SpreadElement<'a>,
        depth: usize,
        into: &mut Collected<'e, 'a>,
    ) -> Result<(), NotData> {
        let depth = self.deeper(depth, spread.span)?;
        let why = match self.data(&spread.argument, depth) {
            Ok(Data::Object(object)) => return self.collect(&object, depth, into),
            // `...(false && { … })` spreads nothing.
            Ok(Data::Scalar(Scalar::Undefined | Scalar::Null | Scalar::Truth(_))) => return Ok(()),
            Ok(_) => {
                let what = "an object, { … }, is expected here".into();
                (self.place(spread.argument.span()), what)
            }
            Err(why) => why,
        };
        into.add(Member {
            name: Name::Unknown(quoted(spread.span.source_text(self.text))),
            place: self.place(spread.span),
            value: Err(why),
            spread: true,
        });
        Ok(())
    }

    fn property(&self, property: &'e ObjectProperty<'a>, depth: usize) -> Member<'e, 'a> {
        let span = property.key.span();
        let place = self.place(span);
        let unknown = || Name::Unknown(quoted(property.span.source_text(self.text)));
        let mut value = Ok(&property.value);
        let name = match &property.key {
            PropertyKey::StaticIdentifier(name) => Name::Is(name.name.to_string()),
            PropertyKey::PrivateIdentifier(_) => unknown(),
            key => match key.as_expression().map(|key| self.data(key, depth)) {
                Some(Ok(Data::Scalar(key))) => key.as_text().map_or_else(unknown, Name::Is),
                Some(Err(why)) => {
                    value = Err(why);
                    unknown()
                }
                _ => unknown(),
            },
        };
        if property.kind != PropertyKind::Init || property.method {
            let what = format!(
                "{} would have to be run, and files are only read; write NAME: VALUE",
                quoted(property.span.source_text(self.text))
            );
            value = Err((place, what));
        } else if value.is_ok() && matches!(name, Name::Unknown(_)) {
            value = Err((place, "its name cannot be known; write NAME: VALUE".into()));
        } else if !self.json && !property.computed && name == Name::Is("__proto__".into()) {
            // It names no member, but an object whose members shine through.
            return Member {
                name: unknown(),
                place,
                value: Err((
                    place,
                    "`__proto__` is no parameter; write the members themselves".into(),
                )),
                spread: true,
            };
        }
        Member {
            name,
            place,
            value,
            spread: false,
        }
    }
}
