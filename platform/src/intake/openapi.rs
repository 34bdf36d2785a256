//! `GET /openapi.json`: OpenAPI 3.1, made from the routes and their types.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as Answer};
use protocol::api::ProblemDetails;
use protocol::api::heartbeats::{HEALTH, Health};
use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::response::{Response as Described, ResponseBuilder};
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, ContentBuilder, InfoBuilder, KnownFormat, License, ObjectBuilder, OpenApi,
    OpenApiBuilder, Ref, RefOr, SchemaFormat, Type,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shared::Intake;

const SCHEME: &str = "kiosk";
const PROBLEM: &str = "ProblemDetails";

/// What any route may answer: status and problems.
const ALWAYS: &[(&str, &str)] = &[
    ("403", "`kiosk-unknown`; `kiosk-revoked`; `kiosk-mismatch`"),
    ("408", "`too-slow`"),
    ("500", "`failed`"),
    ("503", "`busy`: try again after `retry-after` seconds"),
];
/// What a route with a body may answer besides.
const WITH_BODY: &[(&str, &str)] = &[
    ("400", "`broken-body`; `bad-json`"),
    ("413", "`too-large`"),
    ("415", "`media-type`"),
    (
        "422",
        "`bad-field`; of an envelope `malformed`, `bad-signature`, `wrong-epoch`, `unknown-sealing-key`, `wrong-hash`",
    ),
];
/// What a route with a query may answer besides.
const WITH_QUERY: &[(&str, &str)] = &[("400", "`bad-query`")];

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(document))
}

/// Whether anybody is there
#[utoipa::path(get, path = HEALTH, tag = "kiosks", responses((status = 200, body = Health)))]
async fn health() -> Answer<Health> {
    Answer(Health { status: "ok".to_owned() })
}

/// The finished document, made once.
#[derive(Clone)]
pub(super) struct Document(Arc<str>);

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "kiosks",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value))
)]
async fn document(Extension(Document(text)): Extension<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

/// The document before its routes.
pub(super) fn frame() -> OpenApi {
    let scheme = SecurityScheme::MutualTls {
        description: Some(
            "A client certificate that `kiosk-platform enrol` gave out and nobody revoked".into(),
        ),
        deprecated: None,
        extensions: None,
    };
    let mut license = License::new("GPL-3.0-only");
    license.identifier = Some("GPL-3.0-only".into());
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Bianmin platform")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "What a kiosk asks of the central platform. In words: docs/platform-api.md.",
                ))
                .license(Some(license))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .schema(PROBLEM, ProblemDetails::schema())
                .security_scheme(SCHEME, scheme)
                .build(),
        ))
        .security(Some([SecurityRequirement::new(SCHEME, Vec::<String>::new())]))
        .build()
}

/// Adds what any route may answer, and gives every refusal its shape and every body of bytes its type.
pub(super) fn finish(mut document: OpenApi) -> Document {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("head", &mut item.head),
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(method, path, operation);
            }
        }
    }
    // A struct of our own always becomes JSON.
    Document(document.to_json().unwrap_or_default().into())
}

fn complete(method: &str, path: &str, operation: &mut Operation) {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    operation.operation_id = Some([method].into_iter().chain(words).collect::<Vec<_>>().join("-"));
    add(operation, ALWAYS);
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.iter_mut().for_each(bytes);
        add(operation, WITH_BODY);
    }
    if operation.parameters.iter().flatten().any(is_query) {
        add(operation, WITH_QUERY);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response.content.iter_mut().for_each(bytes);
        // A HEAD answer has no body, whatever the status.
        if status.as_str() >= "400" && method != "head" {
            shape(response);
        }
        if response.description.is_empty() {
            response.description = "As asked".into();
        }
    }
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    let RefOr::T(parameter) = parameter else { return false };
    parameter.parameter_in == ParameterIn::Query
}

/// A body that is not JSON is bytes.
fn bytes((kind, content): (&String, &mut RefOr<Content>)) {
    if let (false, RefOr::T(content)) = (kind.ends_with("json"), content) {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        let bytes = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        content.schema = Some(bytes.build().into());
    }
}

fn add(operation: &mut Operation, answers: &[(&str, &str)]) {
    for (status, description) in answers {
        let all = &mut operation.responses.responses;
        if let Some(RefOr::T(there)) = all.get_mut(*status) {
            there.description = format!("{}; {description}", there.description);
        } else {
            let new = ResponseBuilder::new().description(*description).build();
            all.insert((*status).to_owned(), RefOr::T(new));
        }
    }
}

fn shape(response: &mut Described) {
    let schema = Ref::from_schema_name(PROBLEM);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    response.content.insert("application/problem+json".into(), RefOr::T(content));
}
