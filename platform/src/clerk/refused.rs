//! Why a page is not shown, as a page.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;

use super::layout;
use crate::error::PlatformError;
use crate::store::clerks::error::ClerkError;
use crate::store::error::StoreError;

/// Why a page is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nobody is signed in, or no longer.
    SignIn,
    /// The form does not come from our page.
    Forged,
    /// Who is signed in may look, and change nothing.
    OnlyReads,
    /// There is no such thing.
    NotFound,
    /// There is no such payment order.
    NoOrder,
    /// The form's fields are nonsense.
    Nonsense,
    /// Somebody else was faster: what was to be changed is no longer as it was shown.
    Changed,
    /// The platform failed; the cause is in its log.
    Failed,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::SignIn => return Redirect::to("/clerk/sign-in").into_response(),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "这次操作没有执行",
                "表单已过期，或者不是从本系统的页面提交的。请返回后重新操作。",
            ),
            Self::OnlyReads => (
                StatusCode::FORBIDDEN,
                "这次操作没有执行",
                "您的账号只能查看，不能办理。需要办理的，请联系平台管理员。",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "没有找到这一页", "地址可能有误，或者内容已不存在。"),
            Self::NoOrder => (
                StatusCode::NOT_FOUND,
                "没有找到这张缴费单",
                "请重新扫描回执上的二维码，或者凭办件编号到窗口缴费。",
            ),
            Self::Nonsense => {
                (StatusCode::UNPROCESSABLE_ENTITY, "这次操作没有执行", "表单填写不完整。请返回后重新填写。")
            }
            Self::Changed => (
                StatusCode::CONFLICT,
                "这次操作没有执行",
                "内容刚刚被其他人更新。请返回后刷新页面，核对后再操作。",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "平台暂时出错",
                "操作没有完成，请稍后再试。仍然不行的，请联系平台管理员。",
            ),
        };
        let page = html! {
            div.sheet.narrow {
                h1 { (title) }
                p { (text) }
                // A citizen who pays has no list to go back to.
                @if self != Self::NoOrder { p { a.button.quiet href="/clerk" { "回到办件列表" } } }
            }
        };
        let mut answer = (status, layout::bare(title, &page)).into_response();
        answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        answer
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database failed");
        Self::Failed
    }
}

impl From<ClerkError> for Refused {
    fn from(error: ClerkError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the accounts failed");
        Self::Failed
    }
}

impl From<PlatformError> for Refused {
    fn from(error: PlatformError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the platform failed");
        Self::Failed
    }
}
