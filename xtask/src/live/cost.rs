//! What an hour costs at most, from the plan and list prices.

use serde_json::Value;

/// Kind, what is paid for, and ten-thousandths of a US dollar an hour each: list prices of
/// ap-northeast-1, rounded up.
const PRICES: [(&str, &str, u64); 5] = [
    (
        "ec2/vpc-endpoint",
        "interface endpoints, two zones each",
        280,
    ),
    (
        "route53resolver/endpoint",
        "resolver endpoint, two addresses",
        2500,
    ),
    (
        "elasticloadbalancing/load-balancer",
        "load balancer, one capacity unit",
        330,
    ),
    ("ecs/service", "four Fargate tasks of a quarter CPU", 620),
    ("ec2/instance", "r6i.large with Windows and its disk", 2700),
];

/// Lines for people: each part, then the sum.
pub(crate) fn told(plan: &Value) -> String {
    let counted = PRICES.map(|(kind, what, each)| (count(plan, kind), what, each));
    let rows = counted.iter().map(|(number, what, each)| {
        format!("  {number:>3} × {what}: {} USD\n", usd(number * each))
    });
    let rows: String = rows.collect();
    let sum: u64 = counted.iter().map(|(number, _, each)| number * each).sum();
    // Requests, bytes and the image's storage are cents.
    let bound = sum + 1000;
    format!(
        "{rows}  at most {} USD for every hour begun (list prices of ap-northeast-1)\n",
        usd(bound)
    )
}

/// Steps of a kind that cost something: gateway endpoints are free.
fn count(plan: &Value, kind: &str) -> u64 {
    let steps = plan["steps"].as_array().into_iter().flatten();
    let free = |step: &Value| {
        let changes = step["changes"].as_array().into_iter().flatten();
        let mut changes = changes.map(|change| (&change["field"], &change["to"]));
        changes.any(|(field, to)| field == "type" && to == "Gateway")
    };
    let paid = steps.filter(|step| step["kind"] == kind && !free(step));
    paid.map(|_| 1).sum()
}

/// Cents, rounded up.
fn usd(amount: u64) -> String {
    let cents = amount.div_ceil(100);
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::{told, usd};

    #[test]
    fn a_bound_is_rounded_up() {
        assert_eq!(
            [0, 1, 100, 10_001].map(usd),
            ["0.00", "0.01", "0.01", "1.01"]
        );
    }

    #[test]
    fn what_is_free_is_not_counted() {
        let endpoint = |kind: &str| {
            serde_json::json!({
                "kind": "ec2/vpc-endpoint",
                "changes": [{"field": "type", "to": kind}],
            })
        };
        let plan = serde_json::json!({
            "steps": [endpoint("Gateway"), endpoint("Interface"), {"kind": "ec2/vpc", "changes": []}],
        });
        let text = told(&plan);
        assert!(
            text.contains("  1 × interface endpoints, two zones each: 0.03 USD"),
            "{text}"
        );
        assert!(text.contains("at most 0.13 USD"), "{text}");
    }
}
