//! The XML of the query protocol and of S3's errors. Values are escaped; nothing is parsed.

use crate::web::Told;

const SNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `<ActionResponse><ActionResult>…`, with one field in it.
pub(super) fn result(action: &str, (field, value): (&str, &str), request: &str) -> Told {
    let value = escaped(value);
    let body = format!(
        "<{action}Response xmlns=\"{SNS}\">\n  <{action}Result>\n    <{field}>{value}</{field}>\n  </{action}Result>\n  <ResponseMetadata>\n    <RequestId>{request}</RequestId>\n  </ResponseMetadata>\n</{action}Response>\n"
    );
    Told::of(200, "text/xml", body).with("x-amzn-requestid", request)
}

pub(super) fn error(status: u16, code: &str, said: &str, request: &str) -> Told {
    let (kind, said) = (if status < 500 { "Sender" } else { "Receiver" }, escaped(said));
    let body = format!(
        "<ErrorResponse xmlns=\"{SNS}\">\n  <Error>\n    <Type>{kind}</Type>\n    <Code>{code}</Code>\n    <Message>{said}</Message>\n  </Error>\n  <RequestId>{request}</RequestId>\n</ErrorResponse>\n"
    );
    Told::of(status, "text/xml", body).with("x-amzn-requestid", request)
}

pub(super) fn s3_error(status: u16, code: &str, said: &str) -> Told {
    let said = escaped(said);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{said}</Message><RequestId>0000000000000000</RequestId></Error>"
    );
    Told::of(status, "application/xml", body)
}
