//! The description of the interface, against the interface and its documentation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::{Bench, KIOSK};
use crate::wire::{ask, call};

#[tokio::test]
async fn every_described_route_is_there_and_every_route_is_described() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let (status, document) = ask(&kiosk, &server, "GET /openapi.json", None).await;
    assert_eq!((status, &document["openapi"]), (200, &Value::from("3.1.0")));
    assert_eq!(document["components"]["securitySchemes"]["kiosk"]["type"], "mutualTLS");
    assert!(document["security"][0].get("kiosk").is_some());

    let (mut described, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        let address = path
            .replace("{hash}", &"0".repeat(64))
            .replace("{char}", "a")
            .replace("{case_number}", "1")
            .replace("{name}", "a");
        let address =
            address.split('{').next().unwrap().to_owned() + if address.contains('{') { "1" } else { "" };
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            described.insert(format!("{method} {path}"));
            let place = format!("{method} {path}");
            let (status, head, body) =
                call(&kiosk, &server, &format!("{method} {address} HTTP/1.1"), &[]).await;
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.contains_key(&status.to_string()), "{place} answers {status}: {body}");
            assert!(status < 400 || !body.contains("no-such-"), "{place}: {body}");
            let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).map(str::to_owned);
            if let (Some(kind), false) = (kind, body.is_empty()) {
                assert!(
                    answers[&status.to_string()]["content"].get(&kind).is_some(),
                    "{place} answers {kind}"
                );
            }
            for (status, answer) in answers {
                let refusal = status.as_str() >= "400" && method != "HEAD";
                let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema == "#/components/schemas/ProblemDetails", refusal, "{place} {status}");
            }
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}");
            assert!(answers.values().all(|answer| !answer["description"].as_str().unwrap().is_empty()));
            if operation.get("requestBody").is_some() {
                assert_eq!(operation["requestBody"]["required"], true, "{place}");
            }
        }
        // A method that is not described is refused, and the answer says which are there.
        let (status, head, _) = call(&kiosk, &server, &format!("PATCH {address} HTTP/1.1"), &[]).await;
        assert_eq!(status, 405, "{path}");
        assert!(head.contains("allow: "), "{head}");
    }

    // The documentation names the same routes.
    let text = include_str!("../../../docs/platform-api.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<String> = rows
        .filter(|row| row.contains(" /"))
        .map(|row| row.split('?').next().unwrap().to_owned())
        .chain(["GET /openapi.json".to_owned()])
        .collect();
    assert_eq!(documented, described);
    server.shutdown().await;
}

#[tokio::test]
async fn references_lead_somewhere() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let (_, document) = ask(&kiosk, &server, "GET /openapi.json", None).await;
    let mut waiting = vec![&document];
    let mut seen = 0;
    while let Some(value) = waiting.pop() {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
            seen += 1;
        }
        waiting.extend(value.as_object().into_iter().flat_map(|object| object.values()));
        waiting.extend(value.as_array().into_iter().flatten());
    }
    assert!(seen > 30, "{seen}");
    server.shutdown().await;
}
