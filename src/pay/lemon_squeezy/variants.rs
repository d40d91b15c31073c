//! What the provider's API tells of a product's variants (docs.lemonsqueezy.com/api/variants): whether they come with licence keys.

use serde_json::Value;

use super::field;

/// Whether licence keys are switched on: for one variant, or for all that can be bought. `None` if the answer does not say.
#[must_use]
pub fn has_licence_keys(answer: &Value, variant: Option<u64>) -> Option<bool> {
    let wanted = |one: &&Value| match variant {
        Some(variant) => field::id(&one["id"]) == Some(variant),
        // A product with variants of its own has a hidden one beside them, which nobody buys.
        None => one["attributes"]["status"] != "draft",
    };
    let all: Vec<&Value> = answer["data"].as_array()?.iter().filter(wanted).collect();
    let sold: Vec<&Value> = match all.iter().any(|one| one["attributes"]["status"] != "pending") {
        true => all.into_iter().filter(|one| one["attributes"]["status"] != "pending").collect(),
        false => all,
    };
    let on: Option<Vec<bool>> = sold.iter().map(|one| one["attributes"]["has_license_keys"].as_bool()).collect();
    on.filter(|on| !on.is_empty()).map(|on| on.into_iter().all(|on| on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variant(id: &str, status: &str, keys: bool) -> Value {
        json!({ "type": "variants", "id": id, "attributes": { "product_id": 7, "status": status, "has_license_keys": keys } })
    }

    #[test]
    fn all_that_can_be_bought_must_have_them() {
        let of = |all: &[Value], variant| has_licence_keys(&json!({ "data": all }), variant);
        assert_eq!(of(&[variant("1", "pending", true)], None), Some(true));
        assert_eq!(of(&[variant("1", "pending", false), variant("2", "published", true)], None), Some(true));
        assert_eq!(of(&[variant("2", "published", true), variant("3", "published", false)], None), Some(false));
        assert_eq!(of(&[variant("2", "published", true), variant("3", "published", false)], Some(2)), Some(true));
        assert_eq!(of(&[], None), None);
        assert_eq!(has_licence_keys(&json!({ "errors": [] }), None), None);
        assert_eq!(of(&[json!({ "id": "1", "attributes": {} })], None), None);
    }
}
