//! What stands in a message or a view: text, blocks, attachments, files and what can be pressed.

use serde_json::Value;

use super::Look;
use crate::slack::html::Html;
use crate::slack::message::Message;
use crate::slack::world::View;

impl Look<'_> {
    pub(super) fn body(&self, html: &mut Html, message: &Message) {
        let body = &message.body;
        let blocks = body["blocks"].as_array();
        if blocks.is_none() {
            html.raw("<div class=\"text\">");
            html.mrkdwn(self.world, body["text"].as_str().unwrap_or_default());
            html.raw("</div>");
        }
        for block in blocks.into_iter().flatten() {
            self.block(html, block, &message.ts);
        }
        for attachment in body["attachments"].as_array().into_iter().flatten() {
            self.attachment(html, attachment, &message.ts);
        }
        for file in body["files"].as_array().into_iter().flatten() {
            self.file(html, file["id"].as_str().unwrap_or_default(), file["alt_txt"].as_str());
        }
        if message.edited_ts.is_some() {
            html.raw("<p class=\"note\">(edited)</p>");
        }
    }

    fn attachment(&self, html: &mut Html, own: &Value, ts: &str) {
        html.raw("<div class=\"attachment\">");
        for name in ["pretext", "title", "text"] {
            if let Some(text) = own[name].as_str() {
                html.raw("<div class=\"text\">");
                html.mrkdwn(self.world, text);
                html.raw("</div>");
            }
        }
        for block in own["blocks"].as_array().into_iter().flatten() {
            self.block(html, block, ts);
        }
        html.raw("</div>");
    }

    fn block(&self, html: &mut Html, own: &Value, ts: &str) {
        match own["type"].as_str().unwrap_or_default() {
            "header" => html.of("h2", &[], own["text"]["text"].as_str().unwrap_or_default()),
            "divider" => html.raw("<hr>"),
            "image" => self.image(html, own),
            "markdown" => self.paragraph(html, "text", &own["text"]),
            "section" => self.section(html, own, ts),
            "context" => {
                html.raw("<div class=\"context\">");
                for element in own["elements"].as_array().into_iter().flatten() {
                    if element["type"] == "image" { self.image(html, element) } else { self.object(html, element) }
                }
                html.raw("</div>");
            }
            "actions" => {
                html.raw("<div class=\"actions\">");
                for element in own["elements"].as_array().into_iter().flatten() {
                    self.element(html, element, own, ts);
                }
                html.raw("</div>");
            }
            other => html.of("p", &[("class", "note")], &format!("[{other}]")),
        }
    }

    fn section(&self, html: &mut Html, own: &Value, ts: &str) {
        html.raw("<div class=\"section\"><div>");
        if !own["text"].is_null() {
            self.object(html, &own["text"]);
        }
        if let Some(fields) = own["fields"].as_array() {
            html.raw("<div class=\"fields\">");
            fields.iter().for_each(|field| self.object(html, field));
            html.raw("</div>");
        }
        html.raw("</div>");
        match own["accessory"]["type"].as_str() {
            None => {}
            Some("image") => self.image(html, &own["accessory"]),
            Some(_) => self.element(html, &own["accessory"], own, ts),
        }
        html.raw("</div>");
    }

    fn paragraph(&self, html: &mut Html, class: &'static str, text: &Value) {
        html.open("div", &[("class", class)]);
        html.mrkdwn(self.world, text.as_str().unwrap_or_default());
        html.close("div");
    }

    fn object(&self, html: &mut Html, own: &Value) {
        if own["type"] == "mrkdwn" {
            self.paragraph(html, "text", &own["text"]);
        } else {
            html.of("div", &[("class", "text")], own["text"].as_str().unwrap_or_default());
        }
    }

    /// Pictures of our own are shown; those of others are named, since the page loads nothing from elsewhere.
    fn image(&self, html: &mut Html, own: &Value) {
        let alt = own["alt_text"].as_str().unwrap_or_default();
        if let Some(title) = own["title"]["text"].as_str() {
            html.of("p", &[("class", "note")], title);
        }
        let url = own["image_url"].as_str().unwrap_or_default();
        let ours = url.strip_prefix(self.world.base.as_str()).and_then(|path| path.strip_prefix("/files/"));
        match own["slack_file"]["id"].as_str().or(ours) {
            Some(id) => self.file(html, id, Some(alt)),
            None => html.link(url, &format!("🖼 {alt}")),
        }
    }

    fn file(&self, html: &mut Html, id: &str, alt: Option<&str>) {
        let Some(file) = self.world.files.iter().find(|f| f.id == id) else { return };
        let to = format!("/files/{}", file.id);
        html.open("figure", &[]);
        html.open("a", &[("href", &to)]);
        if super::mimetype(&file.name).starts_with("image/") {
            let alt = alt.filter(|a| !a.is_empty()).unwrap_or(&file.title);
            html.open("img", &[("src", &to), ("alt", alt)]);
        } else {
            html.text(&format!("📎 {}", file.name));
        }
        html.raw("</a>");
        html.of("figcaption", &[], &file.title);
        html.raw("</figure>");
    }

    fn element(&self, html: &mut Html, own: &Value, block: &Value, ts: &str) {
        let (action, block_id) =
            (own["action_id"].as_str().unwrap_or_default(), block["block_id"].as_str().unwrap_or_default());
        html.raw("<form method=\"post\" action=\"/_control/press\">");
        self.hidden(html);
        for (name, value) in [("ts", ts), ("action_id", action), ("block_id", block_id)] {
            html.hidden(name, value);
        }
        let label = own["text"]["text"].as_str().or(own["placeholder"]["text"].as_str()).unwrap_or("Choose");
        if own["type"] != "button" {
            html.open("select", &[("name", "value"), ("aria-label", label)]);
            self.options(html, own, None);
            html.raw("</select>");
        }
        let style = own["style"].as_str().filter(|s| ["primary", "danger"].contains(s)).unwrap_or("plain");
        html.of("button", &[("class", style)], if own["type"] == "button" { label } else { "Choose" });
        if let Some(url) = own["url"].as_str() {
            html.link(url, "↗");
        }
        html.raw("</form>");
    }

    fn options(&self, html: &mut Html, own: &Value, chosen: Option<&str>) {
        if own["type"] == "users_select" {
            for user in self.world.users.iter().filter(|u| !u.is_bot) {
                html.of("option", &[("value", &user.id)], &user.real_name);
            }
        }
        for option in own["options"].as_array().into_iter().flatten() {
            let value = option["value"].as_str().unwrap_or_default();
            let mut attributes = vec![("value", value)];
            if chosen == Some(value) {
                attributes.push(("selected", ""));
            }
            html.of("option", &attributes, option["text"]["text"].as_str().unwrap_or_default());
        }
    }

    /// The views that are open for this person, the last on top.
    pub(super) fn views(&self, html: &mut Html) {
        for view in self.world.views.iter().rev().filter(|v| v.is_open && v.user == self.user.id) {
            html.raw("<section class=\"view\">");
            html.of("h2", &[], view.body["title"]["text"].as_str().unwrap_or_default());
            html.raw("<form method=\"post\" action=\"/_control/submit\">");
            self.hidden(html);
            html.hidden("view", &view.id);
            self.inputs(html, view);
            html.of("button", &[("class", "primary")], view.body["submit"]["text"].as_str().unwrap_or("Submit"));
            html.raw("<button name=\"close\" value=\"true\" formnovalidate>");
            html.text(view.body["close"]["text"].as_str().unwrap_or("Close"));
            html.raw("</button></form></section>");
        }
    }

    fn inputs(&self, html: &mut Html, view: &View) {
        for block in view.body["blocks"].as_array().into_iter().flatten() {
            if block["type"] != "input" {
                // What could be pressed in a view would be a form within a form.
                if block["type"] != "actions" {
                    self.block(html, &without_accessory(block), "");
                }
                continue;
            }
            let element = &block["element"];
            let (block_id, action) =
                (block["block_id"].as_str().unwrap_or_default(), element["action_id"].as_str().unwrap_or_default());
            let escaped = |part: &str| part.replace('~', "~0").replace('/', "~1");
            let name = format!("/values/{}/{}", escaped(block_id), escaped(action));
            html.open("label", &[]);
            html.text(block["label"]["text"].as_str().unwrap_or_default());
            self.input(html, element, &name, block["optional"] == true);
            html.raw("</label>");
        }
    }

    fn input(&self, html: &mut Html, own: &Value, name: &str, is_optional: bool) {
        let mut attributes = vec![("name", name)];
        if !is_optional {
            attributes.push(("required", ""));
        }
        let first = own["initial_value"]
            .as_str()
            .or(own["initial_date"].as_str())
            .or(own["initial_time"].as_str())
            .unwrap_or_default();
        let kind = match own["type"].as_str().unwrap_or_default() {
            "static_select" | "radio_buttons" | "users_select" => {
                html.open("select", &attributes);
                self.options(html, own, own["initial_option"]["value"].as_str());
                return html.raw("</select>");
            }
            "plain_text_input" if own["multiline"] == true => return html.of("textarea", &attributes, first),
            "datepicker" => "date",
            "timepicker" => "time",
            "number_input" => "number",
            _ => "text",
        };
        attributes.extend([("type", kind), ("value", first)]);
        html.open("input", &attributes);
    }
}

fn without_accessory(block: &Value) -> Value {
    let mut block = block.clone();
    if let Some(fields) = block.as_object_mut() {
        fields.remove("accessory");
    }
    block
}
