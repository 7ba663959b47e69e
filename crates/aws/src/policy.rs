//! Policy documents, compared by meaning: AWS gives them back reordered, collapses lists of one
//! element, and encodes them.

use reconciler::Attr;
use serde_json::Value;

/// One form for all spellings of a document; text that is no JSON stays as it is.
pub(crate) fn canonical(text: &str) -> Value {
    let text = if text.trim_start().starts_with('%') {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    } else {
        text.replace("\\\"", "\"").replace("\\/", "/")
    };
    match serde_json::from_str(&text) {
        Ok(value) => simplify(value),
        Err(_) => Value::String(text),
    }
}

/// One form for all spellings of a document that is already parsed.
pub(crate) fn simplify(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(simplify).collect();
            if items.len() == 1 {
                return items.remove(0);
            }
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        // A missing Sid and an empty one are the same.
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, value)| !(key == "Sid" && value == ""))
            .map(|(key, value)| (key, simplify(value)))
            .collect(),
        // Booleans in conditions come back as text.
        Value::Bool(b) => Value::String(b.to_string()),
        other => other,
    }
}

/// A document as the set of its statements, so that one that was added shows as such; none is none.
pub(crate) fn statements(document: Option<&Value>) -> Attr {
    let Some(document) = document.filter(|document| !document.is_null()) else {
        return Attr::set(Vec::<String>::new());
    };
    let simple = simplify(document.clone());
    match simple.get("Statement") {
        Some(Value::Array(many)) => Attr::set(many.iter().map(Value::to_string)),
        Some(one) => Attr::set([one.to_string()]),
        // Not a policy at all: shown as it is.
        None => Attr::set([simple.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_document_are_equal() {
        let a = r#"{"Statement":[{"Effect":"Allow","Action":["b","a"],"Resource":["*"]}]}"#;
        let b = r#"{"Statement":{"Resource":"*","Action":["a","b"],"Effect":"Allow","Sid":""}}"#;
        let encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22a%22%2C%22b%22%5D%2C%22Resource%22%3A%22*%22%7D%5D%7D";
        assert_eq!(canonical(a), canonical(b));
        assert_eq!(canonical(a), canonical(encoded));
        assert_ne!(canonical(a), canonical(&a.replace("Allow", "Deny")));
    }
}
