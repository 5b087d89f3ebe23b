//! A validator for the project's JSON schemas.

use serde_json::Value;

/// Why `value` is not as `schema`, a part of `root`, says; `None` if it is. Of JSON Schema (draft 2020-12), the keywords
/// that the project's schemas use; any other is a defect of the test.
pub fn violation(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let number = |keyword: &Value| keyword.as_f64().unwrap();
    schema.as_object().unwrap().iter().find_map(|(keyword, wanted)| {
        let fits = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let place = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                return violation(root, root.pointer(place).unwrap(), value, at);
            }
            "type" => match wanted.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                other => panic!("type {other}"),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "not" => violation(root, wanted, value, at).is_some(),
            "oneOf" => {
                wanted.as_array().unwrap().iter().filter(|one| violation(root, one, value, at).is_none()).count() == 1
            }
            "minimum" => value.as_f64().is_none_or(|value| value >= number(wanted)),
            "maximum" => value.as_f64().is_none_or(|value| value <= number(wanted)),
            "exclusiveMinimum" => value.as_f64().is_none_or(|value| value > number(wanted)),
            "minItems" => value.as_array().is_none_or(|items| items.len() as f64 >= number(wanted)),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as f64 <= number(wanted)),
            "required" => value.as_object().is_none_or(|object| {
                wanted.as_array().unwrap().iter().all(|key| object.contains_key(key.as_str().unwrap()))
            }),
            "additionalProperties" => {
                assert_eq!(wanted, &Value::Bool(false));
                let known = schema.get("properties").and_then(Value::as_object).unwrap();
                value.as_object().is_none_or(|object| object.keys().all(|key| known.contains_key(key)))
            }
            "items" => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate();
                return items.into_iter().find_map(|(i, item)| violation(root, wanted, item, &format!("{at}[{i}]")));
            }
            "properties" => {
                let object = value.as_object()?;
                let known = object.iter().filter_map(|(key, value)| Some((key, wanted.get(key)?, value)));
                return known
                    .into_iter()
                    .find_map(|(key, schema, value)| violation(root, schema, value, &format!("{at}.{key}")));
            }
            other => panic!("keyword {other}"),
        };
        (!fits).then(|| format!("{at}: {value} is not as {keyword} {wanted} says"))
    })
}
