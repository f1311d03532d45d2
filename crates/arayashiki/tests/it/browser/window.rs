//! A window and the person in front of it: what they see, press and type. Everything goes through the browser's own
//! input, so that a page which only a script could operate fails.

use super::wire::Wire;
use crate::outside::wait;
use serde_json::{Value, json};

pub const WIDE: u32 = 1280;
pub const PHONE: u32 = 360;

#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// What the browser asks for.
    pub language: &'static str,
    pub width: u32,
    pub scripting: bool,
}

pub struct Window {
    wire: Wire,
    pub context: String,
}

impl Window {
    pub fn open(mut wire: Wire, context: &str, look: Look) -> Self {
        let target = wire.call("Target.createTarget", json!({ "url": "about:blank", "browserContextId": context }));
        wire.attach(target["targetId"].as_str().unwrap());
        wire.call("Page.enable", json!({}));
        wire.call("Network.enable", json!({}));
        wire.call("Network.setExtraHTTPHeaders", json!({ "headers": { "accept-language": look.language } }));
        wire.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        wire.call("Emulation.setScriptExecutionDisabled", json!({ "value": !look.scripting }));
        let mut window = Self { wire, context: context.to_owned() };
        window.resize(look.width);
        window
    }

    pub fn resize(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.wire.call("Emulation.setDeviceMetricsOverride", size);
    }

    pub fn dress(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.wire.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    // ---- going

    pub fn go(&mut self, url: &str) {
        self.follow(url, |window| {
            let told = window.wire.call("Page.navigate", json!({ "url": url }));
            assert!(told["errorText"].is_null(), "{url}: {told}");
        });
    }

    pub fn reload(&mut self) {
        self.follow("the page again", |window| {
            window.wire.call("Page.reload", json!({}));
        });
    }

    /// Does something that leads to another page, and comes back when that page has loaded.
    pub fn follow(&mut self, what: &str, act: impl FnOnce(&mut Self)) {
        let before = self.wire.count("Page.loadEventFired");
        act(self);
        wait::until(&format!("a page after: {what}"), || {
            let ready = self.try_see("document.readyState === 'complete'");
            (ready == Some(json!(true)) && self.wire.count("Page.loadEventFired") > before).then_some(())
        });
    }

    // ---- seeing

    /// The value of an expression; `None` while one page gives way to another.
    fn try_see(&mut self, expression: &str) -> Option<Value> {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut told = self.wire.try_call("Runtime.evaluate", params).ok()?;
        let exception = &told["exceptionDetails"];
        assert!(exception.is_null(), "{expression:.200}: {exception}");
        Some(told["result"]["value"].take())
    }

    pub fn see(&mut self, expression: &str) -> Value {
        wait::until("a page to answer", || self.try_see(expression))
    }

    pub fn sees(&mut self, selector: &str) -> bool {
        self.see(&format!("!!document.querySelector({})", json!(selector))) == true
    }

    pub fn text(&mut self, selector: &str) -> String {
        let text = self.see(&format!("document.querySelector({})?.innerText ?? ''", json!(selector)));
        text.as_str().unwrap().to_owned()
    }

    /// Waits until an expression is true; the address and the text of the page are told when it never is.
    pub fn until(&mut self, what: &str, expression: &str) {
        let found = wait::within(wait::LONG, || (self.try_see(expression)? == true).then_some(()));
        if found.is_none() {
            let page = self.see("location.href + '\\n' + document.body.innerText");
            panic!("waited in vain for {what}; the page: {}", page.as_str().unwrap_or_default());
        }
    }

    pub fn path(&mut self) -> String {
        let path = self.see("location.pathname + location.search");
        path.as_str().unwrap().to_owned()
    }

    /// What stays only as long as nobody reloads the page.
    pub fn mark(&mut self) {
        self.see("globalThis.mark = true");
    }

    pub fn is_marked(&mut self) -> bool {
        self.see("globalThis.mark === true") == true
    }

    // ---- doing

    /// Where the middle of an element is, which must be in sight there.
    fn place(&mut self, element: &str) -> (f64, f64) {
        let place = self.see(&format!(
            "(() => {{ const e = {element}; if (!e) return 'there is none'; \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const b = e.getClientRects()[0]; if (!b) return 'it takes no room'; \
             const [x, y] = [b.x + b.width / 2, b.y + b.height / 2]; const top = document.elementFromPoint(x, y); \
             return e.contains(top) || top?.contains(e) ? [x, y] : 'it is covered by ' + top?.outerHTML; }})()"
        ));
        let (Some(x), Some(y)) = (place[0].as_f64(), place[1].as_f64()) else { panic!("{element}: {place}") };
        (x, y)
    }

    fn press_at(&mut self, (x, y): (f64, f64), nth: u32) {
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": nth });
            self.wire.call("Input.dispatchMouseEvent", event);
        }
    }

    pub fn click(&mut self, element: &str) {
        let place = self.place(element);
        self.press_at(place, 1);
    }

    /// As an impatient finger does.
    pub fn click_twice(&mut self, element: &str) {
        let place = self.place(element);
        self.press_at(place, 1);
        self.press_at(place, 2);
    }

    pub fn write(&mut self, text: &str) {
        self.wire.call("Input.insertText", json!({ "text": text }));
    }

    /// `Enter`, `Tab`, `Escape`, or one character.
    pub fn press(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Enter" => ("Enter", 13, "\r"),
            "Tab" => ("Tab", 9, ""),
            "Escape" => ("Escape", 27, ""),
            "/" => ("Slash", 191, key),
            letter => (letter, u32::from(letter.to_uppercase().as_bytes()[0]), letter),
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let down = json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "text": text });
        self.wire.call("Input.dispatchKeyEvent", down);
        let up = json!({ "type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": number });
        self.wire.call("Input.dispatchKeyEvent", up);
    }

    /// Tab after tab until an element has the focus, as somebody without a mouse finds it.
    pub fn tab_to(&mut self, selector: &str) {
        for _ in 0..200 {
            if self.see(&format!("!!document.activeElement?.matches({})", json!(selector))) == true {
                return;
            }
            self.press("Tab");
        }
        panic!("no tab leads to {selector}: {}", self.text("main"));
    }
}

/// The first element of a kind that can be seen and has these words, as an expression.
pub fn by_text(selector: &str, words: &str) -> String {
    format!(
        "[...document.querySelectorAll({})].find((e) => e.offsetParent !== null && e.innerText.trim() === {})",
        json!(selector),
        json!(words)
    )
}

/// The first element that can be seen, as an expression.
pub fn shown(selector: &str) -> String {
    format!("[...document.querySelectorAll({})].find((e) => e.offsetParent !== null)", json!(selector))
}
