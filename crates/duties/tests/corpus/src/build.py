"""Bytes of mails, well-formed or broken as wished. Python's own email package is too well-behaved for that."""
import base64
import json
import os
import quopri

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENTRIES = []
CODECS = {"shift_jis": "cp932", "euc-jp": "euc_jp", "utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}
# Beyond the charset, as NEC has them: what vendors' programs write under the name of ISO-2022-JP.
NEC = {"髙": b"\x7c\x62"}


def jis(text):
    """ISO-2022-JP with the vendors' letters and half-width katakana; every line ends in ASCII."""
    out, mode = bytearray(), b"(B"
    for letter in text:
        if letter in NEC:
            want, code = b"$B", NEC[letter]
        elif ord(letter) < 128:
            want, code = b"(B", letter.encode()
        else:
            code = letter.encode("cp932")
            if len(code) == 1:
                want, code = b"(I", bytes([code[0] & 0x7F])
            else:
                want, code = b"$B", sjis_to_jis(code)
        if want != mode:
            out += b"\x1b" + want
            mode = want
        out += code
    return bytes(out + (b"" if mode == b"(B" else b"\x1b(B"))


def sjis_to_jis(code):
    lead, trail = code
    row = (lead - (0x71 if lead <= 0x9F else 0xB1)) * 2 + 1
    if trail > 0x7F:
        trail -= 1
    if trail >= 0x9E:
        return bytes([row + 1, trail - 0x7D])
    return bytes([row, trail - 0x1F])


def encode(text, charset):
    return jis(text) if charset == "iso-2022-jp" else text.encode(CODECS.get(charset, charset))


def word(text, charset, how):
    """Encoded words of RFC 2047: b, q, or raw; split: a letter is cut between two words."""
    if how == "raw" or (how != "force" and text.isascii()):
        return encode(text, charset)
    if how == "split":
        data = text.encode("utf-8")
        pieces = [data[at:at + 25] for at in range(0, len(data), 25)]
        return b"\r\n ".join(b"=?utf-8?b?" + base64.b64encode(p) + b"?=" for p in pieces)
    step = 12 if charset != "utf-8" else 14
    pieces = [text[at:at + step] for at in range(0, len(text), step)]
    return b"\r\n ".join(one_word(p, charset, how) for p in pieces)


def one_word(text, charset, how):
    data = encode(text, charset)
    if how == "q":
        coded = "".join(chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else f"={b:02X}" for b in data).encode()
        return b"=?" + charset.encode() + b"?Q?" + coded + b"?="
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


def part(text, charset, cte, kind="text/plain", label=None, extra=""):
    data = encode(text.replace("\n", "\r\n"), charset)
    head = f"Content-Type: {kind}" + ("" if label == "" else f"; charset={label or charset}") + extra + "\r\n"
    if cte:
        head += f"Content-Transfer-Encoding: {cte}\r\n"
    if cte == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif cte == "quoted-printable":
        data = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return head.encode() + b"\r\n" + data


def multipart(kind, parts, boundary="=_b1"):
    body = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\nThis is a multi-part message.\r\n'.encode()
    for one in parts:
        body += b"--" + boundary.encode() + b"\r\n" + one + b"\r\n"
    return body + b"--" + boundary.encode() + b"--\r\n"


def head(name, subject, charset, how, frm, frm_name, to, date, extra, msgid):
    sender = frm.encode() if not frm_name else word(frm_name, charset, how if how != "q" else "b") + b" <" + frm.encode() + b">"
    lines = [b"Return-Path: <" + frm.encode() + b">"]
    lines.append(b"Received: from relay.example.jp (relay.example.jp [192.0.2.25])\r\n\tby mx.example.com with ESMTP id 4F1A2;\r\n\tFri, 01 May 2026 09:00:03 +0900")
    if date:
        lines.append(b"Date: " + date.encode())
    lines.append(b"From: " + sender)
    lines.append(b"To: " + to.encode())
    if msgid:
        lines.append(f"Message-ID: <{name}@mail.example.jp>".encode())
    lines.append(b"Subject: " + word(subject, charset, how))
    lines.append(b"MIME-Version: 1.0")
    lines += [line.encode() if isinstance(line, str) else line for line in extra]
    return b"\r\n".join(lines) + b"\r\n"


def mail(name, subject, body, *, charset="utf-8", cte="8bit", how="b", frm="monitor@mon.example.jp", frm_name=None,
         to="alerts@example.jp", date="Fri, 01 May 2026 09:00:02 +0900", extra=(), html=None, html_only=False, label=None,
         msgid=True, lf=False, ctype="", forward=None, change=None, envelope=None, source="synthetic", **expect):
    """Writes one mail and its expectation."""
    if charset == "iso-2022-jp" and cte == "8bit":
        cte = "7bit"
    top = head(name, subject, charset, how, frm, frm_name, to, date, extra, msgid)
    if html_only:
        raw = top + part(body, charset, cte, "text/html", label)
    elif html:
        raw = top + multipart("alternative", [part(body, charset, cte, label=label), part(html, charset, cte, "text/html", label)])
    else:
        raw = top + part(body, charset, cte, label=label, extra=ctype)
    if forward == "attached":
        raw = attached(name, raw, charset)
    elif forward == "quoted":
        raw = quoted(name, subject, body, frm, charset, cte)
    if lf:
        raw = raw.replace(b"\r\n", b"\n")
    if change:
        raw = change(raw)
    write(name, raw, dict(expect, envelope=envelope or {"from": frm, "to": [to]}, source=source,
                          japanese=not (subject + body).isascii()))


def attached(name, raw, charset):
    top = head(name + "-fwd", "Fwd: 障害メールの転送", charset, "b", "sato@example.com", "Sato Hanako", "alerts@example.jp",
               "Fri, 01 May 2026 09:05:00 +0900", (), True)
    note = part("転送します。\n", charset, "base64" if charset != "iso-2022-jp" else "7bit")
    return top + multipart("mixed", [note, b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + raw])


def quoted(name, subject, body, frm, charset, cte):
    top = head(name + "-fwd", "Fwd: " + subject, charset, "b", "sato@example.com", "Sato Hanako", "alerts@example.jp",
               "Fri, 01 May 2026 09:05:00 +0900", (), True)
    text = f"FYI\n\n---------- Forwarded message ---------\nFrom: Monitor <{frm}>\nDate: Fri, May 1, 2026 at 9:00 AM\nSubject: {subject}\nTo: <alerts@example.jp>\n\n\n{body}"
    return top + part(text, charset, cte)


def raw(name, data, envelope=None, source="synthetic", japanese=False, **expect):
    """A mail given as it is."""
    envelope = envelope or {"from": "monitor@mon.example.jp", "to": ["alerts@example.jp"]}
    write(name, data, dict(expect, envelope=envelope, source=source, japanese=japanese))


def write(name, data, entry):
    assert all(other["file"] != name + ".eml" for other in ENTRIES), name
    with open(os.path.join(HERE, "eml", name + ".eml"), "wb") as file:
        file.write(data)
    ENTRIES.append(dict(file=name + ".eml", **entry))


def finish():
    keep = {entry["file"] for entry in ENTRIES}
    for old in os.listdir(os.path.join(HERE, "eml")):
        if old not in keep:
            os.remove(os.path.join(HERE, "eml", old))
    with open(os.path.join(HERE, "expected.json"), "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in sorted(ENTRIES, key=lambda e: e["file"]))
        file.write("[\n" + lines + "\n]\n")
    print(len(ENTRIES), "mails,", sum(entry["japanese"] for entry in ENTRIES), "Japanese")
