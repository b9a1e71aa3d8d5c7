#!/usr/bin/env python3
"""Checks an unpacked package: python3 -I verify.py [POLICY [FOLDER]]. Needs openssl (3), and nothing else.

POLICY is the file that was deposited; FOLDER is the package, where it is not the folder of this file. Take this file from
elsewhere if you can: whoever forges a package forges the program in it as well. The policy names its SHA-256.
Out of its reach: the form of the zip, which unpacking passes over, and the words of README.txt and VERIFY.txt."""
import sys
if not sys.flags.isolated: sys.exit("run it as: python3 -I verify.py (no file of the package is then taken for a part of Python)")
import base64, hashlib, json, os, re, subprocess, tempfile, zipfile, zlib
from datetime import datetime, timezone

sys.stdout.reconfigure(errors="replace")
here = os.path.abspath(sys.argv[2] if sys.argv[2:] else os.path.dirname(os.path.abspath(__file__))) + "/"
failed, NONE = 0, float("inf")
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
read = lambda name: open(here + name, "rb").read()
words = lambda path: open(path, encoding="utf-8", newline="").read()
iso = lambda at: datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
ID, HEX = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[0-9a-f]{64}"

def check(name, holds, told=""):
    global failed
    failed += not holds
    print(("holds  " if holds else "FAILS  ") + name + (f"  {told}" if told else ""))
    return holds

def trying(name, f, *args):  # what a check stumbles over fails it
    try: return f(*args)
    except Exception as e: check(name, False, " ".join(f"{type(e).__name__}: {e}".split())[:200])

def openssl(*args, **files):  # runs openssl beside files of these names; what it prints if all is well
    with tempfile.TemporaryDirectory() as d:
        for name, body in files.items(): open(d + "/" + name, "wb").write(body)
        p = subprocess.run(["openssl", *args], cwd=d, capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"})
        return p.stdout if p.returncode == 0 else ""

def unbase64(text):  # written in the one way it can be
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text: raise ValueError(f"{text[:60]} is not base64")
    return raw

def moment(text, form="%Y-%m-%dT%H:%M:%SZ"):  # seconds since 1970, in UTC
    return (datetime.strptime(text, form) - datetime(1970, 1, 1)).total_seconds()

# The policy says whom to believe: C2SP tlog-policy, certificates under whose they are, and above a key until when it signs.
class Policy:
    def __init__(self, text):
        self.logs, self.members, self.quorum, self.authorities, self.organisation = [], {}, None, {}, []
        owner, pem, self.end, self.told, self.used, self.keys = None, None, NONE, False, set(), set()
        for n, line in enumerate(text.split("\n"), 1):
            try:
                if pem is not None or line == "-----BEGIN CERTIFICATE-----":
                    pem = (pem or []) + [line]
                    if line == "-----END CERTIFICATE-----":
                        owner.append((base64.b64decode("".join(pem[1:-1]), validate=True), self.end))
                        pem, self.end, self.told = None, NONE, False
                    continue
                if line.startswith("# authority ") and line[12:] in self.authorities: raise ValueError("an authority is there twice")
                if line.startswith("# authority "): owner = self.authorities.setdefault(line[12:], [])
                if line == "# organisation": owner = self.organisation
                self.line(line, owner is self.organisation)
            except Exception as e: raise ValueError(f"policy line {n}: {e}")
        if pem or self.told or self.quorum is None: raise ValueError("the policy ends before its quorum, a key or a certificate")

    def line(self, line, in_organisation):
        if self.told and (in_organisation or not line.startswith(("log ", "witness "))): raise ValueError("no key below its end")
        if line.startswith("# signs from "):
            end = re.fullmatch("# signs from (.*) until (.*)", line)
            moment(end[1])
            self.told, self.end = True, NONE if end[2] == "further notice" else moment(end[2])
            return
        if re.search("[\0-\x08\x0a-\x1f\x7f]", line): raise ValueError("a control character")
        w, end = line.replace("\t", " ").split(), self.end
        self.told, self.end = False, NONE
        if not w or w[0][0] == "#": return
        if w[0] == "log" and len(w) in (2, 3): self.logs.append((w[1], *self.key(w[1], 1), end))
        elif w[0] == "witness" and len(w) in (3, 4) and w[1] not in self.members | {"none": 0}: self.members[w[1]] = (*self.key(w[2], 4), end)
        elif w[0] == "group" and len(w) > 3 and w[1] not in self.members | {"none": 0}:
            need, of = {"any": 1, "all": len(w) - 3}.get(w[2]) or int(w[2]), w[3:]
            if not 0 < need <= len(of) or self.used & set(of) or len(set(of)) < len(of) or set(of) - set(self.members): raise ValueError("no such group")
            self.used |= set(of)
            self.members[w[1]] = (need, of)
        elif w[0] == "quorum" and len(w) == 2 and self.quorum is None and (w[1] == "none" or w[1] in self.members): self.quorum = w[1]
        else: raise ValueError(f"{line[:60]} is not understood")

    def key(self, vkey, kind):  # owner, hint and public key; the hint is the hash of the two others
        owner, hint, key = vkey.split("+", 2)
        key = unbase64(key)
        if len(key) != 33 or key[0] != kind or sha(owner.encode(), b"\n", key)[:4].hex() != hint or key[1:] in self.keys: raise ValueError("bad key")
        self.keys.add(key[1:])
        return owner, hint, key[1:]

    def enough(self, did, name=None):  # whether those who did meet the quorum
        name = name or self.quorum
        if name == "none": return True
        m = self.members[name]
        return name in did if len(m) == 4 else sum(self.enough(did, k) for k in m[1]) >= m[0]

pems = lambda ders: b"".join(b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(d) + b"-----END CERTIFICATE-----\n" for d in ders)

def stamped(token, data):  # the moment at which an authority of the policy saw the data, or None
    text = openssl("ts", "-reply", "-token_in", "-in", "t", "-text", t=token)
    t = re.search(r"^Time stamp: (.*\d\d:\d\d:\d\d)(\.\d+)?( \d+) GMT", text, re.M)
    if not t or not re.search("^Hash Algorithm: sha256$", text, re.M): return None
    at = moment(t[1] + t[3], "%b %d %H:%M:%S %Y")
    return at + float(t[2] or 0) if openssl("ts", "-verify", "-data", "d", "-in", "t", "-token_in", "-CAfile", "c", "-partial_chain", "-attime",
                                            str(int(at)), d=data, t=token, c=pems(c for a in policy.authorities.values() for c, _ in a)) else None

def signers():  # certificates of the organisation that issued none of the others and are for signatures: key, from, to, end, DER
    all = []
    for der, end in policy.organisation:
        text = openssl("x509", "-in", "c", "-noout", "-subject", "-issuer", "-dates", "-pubkey", "-text", "-certopt", "ca_default", c=pems([der]))
        field = lambda name: re.search(f"^{name}=(.*)", text, re.M)[1]
        use = re.search(r"X509v3 Key Usage:.*\n(.*)", text)
        all.append((field("subject"), field("issuer"), not use or "Digital Signature" in use[1] or "Non Repudiation" in use[1],
                    (re.search("-----BEGIN PUBLIC KEY.*?END PUBLIC KEY-----\n", text, re.S)[0].encode(),
                     *(moment(field(f), "%b %d %H:%M:%S %Y GMT") for f in ("notBefore", "notAfter")), end, der)))
    return [c for subject, _, fit, c in all if fit and not any(i == subject != s for s, i, _, _ in all)]

def could(signer, at):  # whether the key could sign at that moment; undated, after the newest checkpoint
    _, start, to, end, _ = signer
    return start <= at <= to and at < end if at is not None else end == NONE and newest <= to

def signature():
    global packed
    by = [s for s in signers() if openssl("dgst", "-sha256", "-verify", "k", "-signature", "s", "f", k=s[0], s=read("SHA256SUMS.sig"), f=read("SHA256SUMS"))]
    if dated in files:
        packed = stamped(read(dated), read("SHA256SUMS.sig"))
        if not check("signature-time", packed is not None, iso(packed) if packed else ""): return
    else: print("noted  signature-time  no authority dated the signature under SHA256SUMS")
    check("signature", any(could(s, packed) for s in by), "of the organisation under SHA256SUMS")

def der(b):  # the values in a DER value: tag, content, whole
    while b:
        n, at = b[1], 2
        if n & 128: n, at = int.from_bytes(b[2:2 + (n & 127)], "big"), 2 + (n & 127)
        yield b[0], b[at:at + n], b[:at + n]
        b = b[at + n:]

def pdf(name):  # one signature over all of it, by the organisation's own certificate
    body = read(name)
    r = re.findall(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]", body)
    zero, first, gap, rest = map(int, r[0])
    ok = len(r) == body.count(b"/ByteRange") == 1 and zero == 0 and first <= gap and rest == len(body) - gap and re.fullmatch(b"<[0-9A-Fa-f]*>", body[first:gap])
    raw = bytes.fromhex(body[first + 1:gap - 1].decode())
    cms = next(der(raw))[2]
    info = list(der(list(der(list(der(cms))[0][1]))[1][1]))[0][1]  # ContentInfo → [0] → SignedData
    (_, signer, _), *more = der(list(der(info))[-1][1])
    fields, at = list(der(signer)), None
    value = [c for tag, c, _ in fields if tag == 4][-1]
    tokens = [list(der(p[1][1]))[0][2] for tag, c, _ in fields if tag == 0xa1 for _, a, _ in der(c) for p in [list(der(a))]
              if p[0][1].hex() == "2a864886f70d010910020e"]
    if tokens: at = stamped(tokens[0], value)
    by = [s for s in signers() if could(s, packed if at is None else at) and openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", "s", "-content", "f", "-certfile", "c",
          "-nointern", "-noverify", s=cms, f=body[:first] + body[gap:], c=pems([s[4]]))]
    check("report-signature " + name, ok and not raw[len(cms):].strip(b"\0") and not more and len(tokens) < 2 and (at is not None or not tokens) and by,
          "all of it" + (", at " + iso(at) if at else ", without a timestamp"))

NOTE = re.compile(rb"(([^\n]+)\n(0|[1-9]\d*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*)\n((?:\xe2\x80\x94 [^ \n]+ [A-Za-z0-9+/]+=*\n)+)")

def checkpoint(n, c):
    global newest
    folder, first = f"checkpoints/{n}/", None
    notes.append(read(folder + "checkpoint"))
    if policy.authorities and not c["tokens"]: check("timestamp " + folder, False, "there is none")
    for token in c["tokens"]:  # first, because they say what was there before a key ended
        at = stamped(read(folder + token), notes[-1])
        if check("timestamp " + folder + token, at is not None, iso(at) if at else "not by an authority of the policy over this checkpoint"):
            times[folder + token], first = at, min(at, first or at)
    newest = max(newest, first or 0)
    text, origin, size, root, lines = NOTE.fullmatch(notes[-1]).groups()
    said = {"origin": origin.decode(), "size": int(size), "root": unbase64(root.decode())}
    ends, cosigned, wrong, seen = [], {}, "", set()
    known = [("", *k[1:]) for k in policy.logs if k[1] == said["origin"]] + [(name, *m) for name, m in policy.members.items() if len(m) == 4]
    for line in lines.decode().splitlines():
        _, owner, raw = line.split(" ")
        raw = unbase64(raw)
        for name, o, hint, key, end in known:
            if (o, hint) != (owner, raw[:4].hex()) or key in seen: continue
            body, sig, at = text, raw[4:], int.from_bytes(raw[4:12], "big")
            if name: body, sig = b"cosignature/v1\ntime %d\n" % at + text, raw[12:]
            pem = b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(bytes.fromhex("302a300506032b6570032100") + key)
            if not openssl("pkeyutl", "-verify", "-pubin", "-inkey", "k", "-rawin", "-in", "t", "-sigfile", "s", k=pem, t=body, s=sig): wrong = owner
            seen.add(key)
            if not name: ends.append(end)
            elif end == NONE or first is not None and first < end: cosigned[name] = at  # of a key that ended, its own time is no proof
    fit = [e for e in ends if e == NONE or first is not None and first < e
           or policy.quorum != "none" and policy.enough({w for w, at in cosigned.items() if at < e})]
    check("log-signature " + folder, fit and not wrong and (said["origin"], said["size"]) == (c["origin"], c["size"]), said["origin"] + (
          f": the signature of {wrong} is wrong" if wrong else ": its key had ended, and nothing shows that it signed before" if ends and not fit else ""))
    check("witnesses " + folder, policy.enough(set(cosigned)), ", ".join(f"{w} at {iso(at)}" for w, at in cosigned.items()) or "none, quorum " + policy.quorum)

def included(folder, leaf, checkpoint):  # RFC 6962: from the leaf's hash, by the proof's hashes, to the root of that checkpoint
    if not checkpoint: return check("inclusion " + folder, False, "not yet witnessed")
    proof, _, note = read(folder + "proof.tlog-proof").partition(b"\n\n")
    head, at, *path = proof.decode().split("\n")
    _, _, size, root, _ = NOTE.fullmatch(note).groups()
    index = int(re.fullmatch(r"index (0|[1-9]\d*)", at)[1])
    fn, sn, h = index, int(size) - 1, sha(b"\0", leaf)
    ok = 0 <= fn <= sn and head == "c2sp.org/tlog-proof@v1" and 0 < checkpoint <= len(notes) and note == notes[checkpoint - 1]
    for p in map(unbase64, path):
        ok = ok and sn > 0 and len(p) == 32
        if fn & 1 or fn == sn:
            h = sha(b"\1", p, h)
            while fn and not fn & 1: fn, sn = fn >> 1, sn >> 1
        else: h = sha(b"\1", h, p)
        fn, sn = fn >> 1, sn >> 1
    check("inclusion " + folder, ok and sn == 0 and h == unbase64(root.decode()), f"leaf {index} of {size.decode()}")

def member(packed):  # one gzip member and nothing else
    z = zlib.decompressobj(31)
    record = z.decompress(packed, 1 << 29)
    if not z.eof or z.unused_data or z.unconsumed_tail: raise ValueError("not one gzip member")
    return record

def capture(c):
    folder = f"captures/{c['id']}/"
    leaf, manifest, salts = read(folder + "leaf"), read(folder + "manifest"), read(folder + "salts")
    said = re.fullmatch(f"zoeklicht/capture/v1\nid ({ID})\nmanifest ({HEX})\nafter ({HEX}|none)\nbuild ({HEX})\n", leaf.decode())
    if not check("leaf " + folder, said and said[1] == c["id"] and said[2] == sha(manifest).hex()): return
    lines = re.findall(f"([^ \n]+) ({HEX})\n", manifest.decode())
    wrong = [] if b"".join(b"%s %s\n" % (n.encode(), h.encode()) for n, h in lines) == manifest and [n for n, _ in lines] == sorted({n for n, _ in lines}) else ["the manifest's form"]
    there = {r["name"]: r["item"] for r in c["records"]}
    out = [name for name, _ in lines if name not in there]
    if len(there) < len(c["records"]) or set(there) - {n for n, _ in lines} or out != [l["name"] for l in c["left_out"]]: wrong.append("parcel.json's list")
    if len(salts) != 32 * len(lines): wrong.append("the salts")
    for n, (name, want) in enumerate(lines):
        salt = salts[32 * n:32 * n + 32]
        if name in out:
            if salt != bytes(32): wrong.append("a salt of " + name)
            continue
        record = member(read(folder + name.replace(":", "-") + ".warc.gz"))
        head, _, body = record.partition(b"\r\n\r\n")
        own = [re.findall(rb"(?im)^Zoeklicht-%s: *(\S+)" % f, head) for f in (b"Item", b"Capture")] == [[name.encode()], [c["id"].encode()]]
        item = "picture:" + name.split(":")[1] if name.startswith("image:") else "page" if re.match("request|response|redirect:", name) else there[name]
        built = name != "context" or json.loads(body[:-4])["build"] == said[4]
        if sha(salt, record).hex() != want or not own or item != there[name] or not built: wrong.append(name)
    check("manifest " + folder, not wrong, ", ".join(wrong) or f"{len(there)} of {len(lines)} records are there")
    trying("inclusion " + folder, included, folder, leaf, c["checkpoint"])
    after = c.get("after")
    if after: check("after " + folder, after in times and sha(read(after)).hex() == said[3], after + (" at " + iso(times[after]) if after in times else ""))

def record(r):
    folder = f"records/{r['kind']}-{r['id']}/"
    leaf, salt = read(folder + "leaf"), read(folder + "salt")
    want = f"zoeklicht/{r['kind']}/v1\nid {r['id']}\ncontent {sha(salt, read(folder + 'content')).hex()}\nbuild "
    check("content " + folder, len(salt) == 32 and re.fullmatch(re.escape(want) + HEX + "\n", leaf.decode()) and r["kind"] != "capture")
    trying("inclusion " + folder, included, folder, leaf, r["checkpoint"])

def digest(file):  # SHA-256 and length, without having all of it in memory
    h, n = hashlib.sha256(), 0
    while part := file.read(1 << 20): h.update(part); n += len(part)
    return h.hexdigest(), n

def wacz():  # the same records, digests that hold, and the signature of the key that it names
    z = zipfile.ZipFile(here + "capture.wacz")
    about, said = z.read("datapackage.json"), json.loads(z.read("datapackage-digest.json"))
    names, files, signed = z.namelist(), json.loads(about)["resources"], said["signedData"]
    check("wacz-digests", all(i.compress_type == 0 for i in z.infolist()) and (said["path"], said["hash"]) == ("datapackage.json", "sha256:" + sha(about).hex())
          and len(set(names)) == len(names) and sorted(names) == sorted([f["path"] for f in files] + ["datapackage.json", "datapackage-digest.json"])
          and all(("sha256:" + sum, n) == (f["hash"], f["bytes"]) for f in files for sum, n in [digest(z.open(f["path"]))]))
    r, s = (int.from_bytes(h, "big").to_bytes(49, "big") for raw in [unbase64(signed["signature"])] for h in (raw[:48], raw[48:]))
    short = lambda b: b"\x02" + bytes([len(b)]) + b if b[0] or b[1] & 128 else short(b[1:])
    rs = short(r) + short(s)
    key = b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(unbase64(signed["publicKey"])) + b"-----END PUBLIC KEY-----\n"
    check("wacz-signature", signed["hash"] == said["hash"] and openssl("dgst", "-sha256", "-verify", "k", "-signature", "s", "f", k=key,
          s=b"\x30" + bytes([len(rs)]) + rs, f=signed["hash"].encode()))
    trying("wacz-records", same, z)

def same(z):
    records = [f"captures/{c['id']}/{r['file']}" for c in index["captures"] for r in c["records"]]
    first = z.getinfo("archive/data.warc.gz").file_size - sum(os.path.getsize(here + r) for r in records)
    archive = z.open("archive/data.warc.gz")
    begun = 0 < first < 1 << 20 and b"\r\nWARC-Type: warcinfo\r\n" in member(archive.read(first)).partition(b"\r\n\r\n")[0]
    check("wacz-records", begun and all(archive.read(len(b)) == b for r in records for b in [read(r)]), f"{len(records)} records")

# The form of parcel.json: its fields in their order; "?" marks those that may be missing, and are not empty.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?(Z|[+-]\d\d:\d\d)")
FORM = {"format": re.compile("zoeklicht/parcel/[12]"), "title": str, "theme": str, "purpose": str, "ground": str, "what": str, "result?": str, "as_of?": TIME,
        "made": TIME, "by?": str, "software": str, "lang": str, "notes?": [str], "documents": [re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(pdf|txt|docx)")],
        "certificates": [re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*\.pem")],
        "captures": [{"id": re.compile(ID), "at": str, "title?": str, "records": [{"name": str, "item": str, "file": str}],
                      "left_out": [{"name": str, "reason": str}], "checkpoint": int, "after?": str}],
        "records": [{"kind": re.compile("[a-z]+(-[a-z]+)*"), "id": re.compile(ID), "checkpoint": int}],
        "checkpoints": [{"origin": str, "size": int, "tokens": [re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.tst")]}],
        "wacz": {"file": re.compile("capture.wacz"), "responses": int, "pages": int}}

def formed(x, form, at="parcel.json"):
    if isinstance(form, dict):
        if type(x) is not dict or list(x) != [k.rstrip("?") for k in form if k[-1] != "?" or x.get(k[:-1])]: raise ValueError(f"{at} has other fields")
        for k, f in form.items(): k.rstrip("?") in x and formed(x[k.rstrip("?")], f, at + "." + k)
    elif isinstance(form, list):
        if type(x) is not list: raise ValueError(f"{at} is no list")
        for v in x: formed(v, form[0], at)
    elif type(x) is not form if isinstance(form, type) else type(x) is not str or not form.fullmatch(x): raise ValueError(f"{at} is {x!r}")

def contents():  # parcel.json in its one form, and the files those that it names, in its order
    body = read("parcel.json")
    x = json.loads(body.decode())
    formed(x, FORM)
    again = json.dumps(x, indent=1, ensure_ascii=False)
    for c in "<>&\u2028\u2029": again = again.replace(c, "\\u%04x" % ord(c))
    names = x["documents"] + ["policy"] + ["certificates/" + c for c in x["certificates"]]
    for c in x["captures"]:
        if any(r["file"] != r["name"].replace(":", "-") + ".warc.gz" or "/" in r["file"] for r in c["records"]): raise ValueError("a record is in another file")
        names += [f"captures/{c['id']}/{f}" for f in ["leaf", "manifest", "salts"] + [r["file"] for r in c["records"]] + ["proof.tlog-proof"] * (c["checkpoint"] != 0)]
    for r in x["records"]: names += [f"records/{r['kind']}-{r['id']}/{f}" for f in ["leaf", "content", "salt"] + ["proof.tlog-proof"] * (r["checkpoint"] != 0)]
    for n, c in enumerate(x["checkpoints"], 1): names += [f"checkpoints/{n}/{f}" for f in ["checkpoint"] + c["tokens"]]
    names += ["capture.wacz", "parcel.json", "README.txt", "VERIFY.txt", "verify.py"]
    if x["format"].endswith("1") and dated in files: raise ValueError("a token, before there were such")
    if again.encode() + b"\n" != body: raise ValueError("parcel.json is not written as it must be")
    if names != list(sums) or len(set(names)) < len(names): raise ValueError("the files are not those that it names, in its order, each once")
    inside = Policy(words(here + "policy"))
    groups = [(f"authority-{n}.pem", a) for n, a in inside.authorities.items()] + [("organisation.pem", inside.organisation)]
    if [("certificates/" + n, pems64(pem)) for n, pem in ((n, read("certificates/" + n).decode()) for n in x["certificates"])] != [
            ("certificates/" + n, [d for d, _ in ders]) for n, ders in groups if ders]: raise ValueError("the certificates are not those of the policy")
    check("contents", True, f"{len(x['captures'])} captures, {len(x['records'])} other records")
    return x

pems64 = lambda pem: [base64.b64decode(b) for b in re.findall("-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----\n", pem, re.S)]

# SHA256SUMS lists every file but itself, its signature and the token over that, and no other.
dated, last = "SHA256SUMS.sig.tst", {"SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.sig.tst"}
files = {os.path.relpath(os.path.join(d, f), here) for d, dirs, names in os.walk(here) for f in names + [x for x in dirs if os.path.islink(os.path.join(d, x))]}
lines = re.findall("(" + HEX + ")  ([^\n]+)\n", read("SHA256SUMS").decode())
sums = {name: sum for sum, name in lines}
wrong = sorted((files | last) ^ (set(sums) | last)) + sorted(last - files - {dated}) + [n for n in sums if n in files and (os.path.islink(here + n) or digest(open(here + n, "rb"))[0] != sums[n])]
if "".join(f"{sum}  {name}\n" for name, sum in sums.items()).encode() != read("SHA256SUMS"): wrong.append("SHA256SUMS")
check("sums", not wrong, ", ".join(wrong) or f"{len(sums)} files")

print("noted  policy ", sys.argv[1] if sys.argv[1:] else "of the package: this only shows that the package agrees with itself")
policy = trying("policy", lambda: Policy(words(sys.argv[1] if sys.argv[1:] else here + "policy")))
index, notes, times, newest, packed = trying("contents", contents), [], {}, 0, None
if policy and index:
    if index["format"].endswith("2"): check("texts", read("verify.py") == open(os.path.abspath(__file__), "rb").read(), "verify.py is this program")
    for n, c in enumerate(index["checkpoints"], 1): trying(f"log-signature checkpoints/{n}/", checkpoint, n, c)
if policy: trying("signature", signature)
if policy and index:
    for d in index["documents"]: d.endswith(".pdf") and trying("report-signature " + d, pdf, d)
    for c in index["captures"]: trying(f"manifest captures/{c['id']}/", capture, c)
    for r in index["records"]: trying(f"content records/{r['kind']}-{r['id']}/", record, r)
    trying("wacz-digests", wacz)
print(f"{failed} checks FAIL" if failed else "all checks hold")
sys.exit(failed > 0)
