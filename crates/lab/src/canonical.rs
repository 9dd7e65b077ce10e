//! JSON in the one form that the logs hash and sign: RFC 8785 for the values that occur here (no fractions).

use serde_json::Value;

/// Writes a value with sorted keys and without spaces.
pub(crate) fn to_string(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            // Sorted here, since whether a map keeps its order depends on features that other crates choose. By UTF-16 as the RFC says.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            let parts: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), to_string(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(to_string).collect::<Vec<_>>().join(",")
        ),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_keys_at_every_depth() {
        let value = serde_json::json!({"b": [{"z": 1, "a": "\n\u{e9}\""}], "a": null});
        assert_eq!(
            to_string(&value),
            "{\"a\":null,\"b\":[{\"a\":\"\\n\u{e9}\\\"\",\"z\":1}]}"
        );
    }
}
