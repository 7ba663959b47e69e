//! A plan that a person enjoys reading: grouped, aligned, the summary last.

use owo_colors::OwoColorize;
use reconciler::{Action, Attr, Change, Drifted, Impact, Plan, Step, What};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Columns of a value before it is shortened.
const VALUE: usize = 56;

/// Prints a plan to stdout; `every` shows the fields of what is created, too.
pub(crate) fn plan(plan: &Plan, every: bool) {
    let mut shown: Vec<&Step> = plan
        .steps
        .iter()
        .filter(|s| s.action != Action::None || s.external)
        .collect();
    // Each group once, where its first step stands; the order of work is the queue's business.
    let mut groups: Vec<&str> = Vec::new();
    for step in &shown {
        if !groups.contains(&step.id.group()) {
            groups.push(step.id.group());
        }
    }
    shown.sort_by_key(|step| groups.iter().position(|group| *group == step.id.group()));
    let width = |text: fn(&Step) -> &str| {
        shown
            .iter()
            .map(|step| text(step).width())
            .max()
            .unwrap_or_default()
    };
    let (ids, kinds) = (width(|s| s.id.as_str()), width(|s| s.kind));
    let mut group = None;
    for step in &shown {
        if group != Some(step.id.group()) {
            group = Some(step.id.group());
            anstream::println!("\n{}", step.id.group().bold());
        }
        let sign = if step.external {
            "·".dimmed().to_string()
        } else {
            sign(step.action)
        };
        let (id, kind) = (step.id.as_str(), step.kind);
        let line = format!("{id:ids$}  {kind:kinds$}");
        anstream::println!("  {sign} {line}  {}", step.why.dimmed());
        if step.action != Action::Create || every {
            for change in &step.changes {
                anstream::println!("      {}", row(change));
            }
        }
    }
    anstream::println!(
        "{}{}",
        if shown.is_empty() { "" } else { "\n" },
        summary(plan)
    );
}

/// Prints what drifted in an environment: theirs, then ours.
pub(crate) fn drift(name: &str, drifted: &[Drifted]) {
    let width = |text: &dyn Fn(&Drifted) -> usize| drifted.iter().map(text).max();
    let ids = width(&|d| d.id.as_str().width()).unwrap_or_default();
    let kinds = width(&|d| d.kind.width()).unwrap_or_default();
    for found in drifted {
        let what = match found.what {
            What::Changed => "changed   ".yellow().to_string(),
            What::Missing => "missing   ".red().to_string(),
            What::Unexpected => "unexpected".magenta().to_string(),
        };
        let (id, kind) = (found.id.as_str(), found.kind);
        anstream::println!("  {what}  {id:ids$}  {kind:kinds$}  {}", found.why.dimmed());
        for change in &found.changes {
            anstream::println!("      {}", row(change));
        }
    }
    match drifted.len() {
        0 => anstream::println!("{}: in sync", name.bold()),
        n => anstream::println!("{}: {n} drifted; `apply` heals it", name.bold()),
    }
}

fn sign(action: Action) -> String {
    match action {
        Action::Create => "+".green().to_string(),
        Action::Adopt => "=".cyan().to_string(),
        Action::Update => "~".yellow().to_string(),
        Action::Replace => "±".red().bold().to_string(),
        Action::Delete => "-".red().to_string(),
        Action::Blocked => "!".red().bold().to_string(),
        Action::None => " ".into(),
    }
}

/// A row without colours.
pub(crate) fn change(change: &Change) -> String {
    anstream::adapter::strip_str(&row(change)).to_string()
}

fn row(change: &Change) -> String {
    let forces = match change.impact {
        Impact::Replace => "  (forces replacement)".red().to_string(),
        Impact::InPlace | Impact::Tied | Impact::LeftAlone => String::new(),
    };
    let to = value(&change.to);
    match &change.from {
        Attr::Known(Value::Null) => format!("{}: {to}{forces}", change.field),
        from => format!("{}: {} → {to}{forces}", change.field, value(from)),
    }
}

fn value(attr: &Attr) -> String {
    match attr {
        Attr::Unknown => "(known after apply)".italic().to_string(),
        Attr::Secret => "(secret)".italic().to_string(),
        Attr::Known(value) => shortened(&match value {
            Value::String(text) => text.clone(),
            Value::Null => "nothing".into(),
            other => other.to_string(),
        }),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= VALUE {
        return text.to_owned();
    }
    let head: String = text.chars().take(VALUE - 1).collect();
    format!("{head}…")
}

fn summary(plan: &Plan) -> String {
    let sum = plan.summary();
    if plan.is_empty() {
        return format!(
            "Nothing to do: {} resources are as they should be.",
            sum.unchanged
        );
    }
    let parts = [
        (sum.create, "to create"),
        (sum.adopt, "to adopt"),
        (sum.update, "to update"),
        (sum.replace, "to replace"),
        (sum.delete, "to delete"),
        (sum.blocked, "blocked"),
        (sum.unchanged, "unchanged"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, what)| format!("{n} {what}")).collect();
    format!("{} {}.", "Plan:".bold(), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shortened_by_characters_not_bytes() {
        let long = "閉".repeat(100);
        assert_eq!(shortened(&long).chars().count(), VALUE);
        assert_eq!(shortened("short"), "short");
    }
}
