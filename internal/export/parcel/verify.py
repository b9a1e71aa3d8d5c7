#!/usr/bin/env python3
"""Checks an unpacked package: python3 verify.py [POLICY]. Needs openssl and nothing else."""
import base64, glob, gzip, hashlib, json, os, re, subprocess, sys, tempfile
from datetime import datetime, timezone

sha, failed = lambda *parts: hashlib.sha256(b"".join(parts)).digest(), 0
here = os.path.dirname(os.path.abspath(__file__)) + "/"
deposited = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
read = lambda name: open(name if os.path.isabs(name) else here + name, "rb").read()

def check(name, holds, told=""):
    global failed
    failed += not holds
    print("holds" if holds else "FAILS", name, told)

def openssl(*args, **files):
    with tempfile.TemporaryDirectory() as d:
        for name, body in files.items(): open(d + "/" + name, "wb").write(body)
        p = subprocess.run(["openssl", *args], cwd=d, capture_output=True, text=True)
        return p.stdout if p.returncode == 0 else ""

def pem(der, kind="PUBLIC KEY"):
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n".encode()

# SHA256SUMS lists every file but itself and its signature, and no other.
sums = [line.split("  ", 1) for line in read("SHA256SUMS").decode().splitlines()]
files = {os.path.relpath(os.path.join(d, f), here) for d, _, names in os.walk(here) for f in names}
for f in sorted(files ^ ({n for _, n in sums} | {"SHA256SUMS", "SHA256SUMS.sig"})): check("sums " + f, False, "is missing, or is too many")
for want, name in sums:
    if name in files and sha(read(name)).hex() != want: check("sums " + name, False)
check("sums", not failed, f"{len(sums)} files")

# The policy: who is to be believed. Sections of certificates stand under the name of whose they are.
policy = read(deposited or "policy").decode()
print("      policy", deposited or "of the package: this only shows that the package agrees with itself")
head, *sections = re.split(r"^# (?=authority |organisation$)", policy, flags=re.M)
times = "".join(s for s in sections if s.startswith("authority")).encode()
for cert in re.findall(r"-----BEGIN.*?END CERTIFICATE-----\n", "".join(s for s in sections if s.startswith("org")), re.S):
    key = openssl("x509", "-in", "c", "-noout", "-pubkey", c=cert.encode()).encode()
    if openssl("dgst", "-sha256", "-verify", "k", "-signature", "s", "f", k=key, s=read("SHA256SUMS.sig"), f=read("SHA256SUMS")): break
else: cert = None
check("signature", cert, "of the organisation under SHA256SUMS")
words = [line.split() for line in head.splitlines() if line.strip() and line[0] != "#"]

def signed(text, name, raw, vkey):  # one signature of a checkpoint: Ed25519, of a log (1) or a witness (4)
    owner, _, key = vkey.split("+", 2)
    kind, key = base64.b64decode(key)[0], base64.b64decode(key)[1:]
    if name != owner or raw[:4] != sha(owner.encode(), b"\n", bytes([kind]), key)[:4]: return False
    sig = raw[4:]
    if kind == 4: text, sig = b"cosignature/v1\ntime %d\n" % int.from_bytes(sig[:8], "big") + text, sig[8:]
    return bool(openssl("pkeyutl", "-verify", "-pubin", "-inkey", "k", "-rawin", "-in", "t", "-sigfile", "s",
                        k=pem(bytes.fromhex("302a300506032b6570032100") + key), t=text, s=sig))

checkpoints = {}
for note in sorted(glob.glob(here + "checkpoints/*/checkpoint")):
    body, name = read(note), os.path.relpath(note, here)
    text, _, lines = body.partition(b"\n\n")
    text, origin, sigs = text + b"\n", text.decode().split("\n")[0], [l.split(" ") for l in lines.decode().splitlines()]
    by = lambda vkey: any(signed(text, s[1], base64.b64decode(s[2]), vkey) for s in sigs)
    check("log-signature " + name, any(by(w[1]) for w in words if w[0] == "log" and w[1].split("+")[0] == origin), origin)
    met = {"none": True}
    for w in words:
        if w[0] == "witness": met[w[1]] = by(w[2])
        if w[0] == "group": met[w[1]] = sum(met[m] for m in w[3:]) >= {"any": 1, "all": len(w) - 3}.get(w[2], 0 if not w[2].isdigit() else int(w[2]))
        if w[0] == "quorum": check("witnesses " + name, met[w[1]], ", ".join(k for k in met if met[k] and k != "none"))
    at, tokens = [], glob.glob(os.path.dirname(note) + "/*.tst")
    for token in sorted(tokens):
        t = re.search(r"Time stamp: (.*)", openssl("ts", "-reply", "-token_in", "-in", "t", "-text", t=read(token)))
        t = t and datetime.strptime(re.sub(r"\.\d+", "", t[1]), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=timezone.utc)
        ok = t and openssl("ts", "-verify", "-data", "d", "-in", "t", "-token_in", "-CAfile", "c", "-attime", str(int(t.timestamp())),
                           d=body, t=read(token), c=times)
        check("timestamp " + os.path.relpath(token, here), ok, t and t.isoformat())
    if times and not tokens: check("timestamp " + name, False, "there is none")
    checkpoints[body] = name

def included(folder, leaf):  # RFC 6962: from the leaf's hash, by the proof's hashes, to the root
    if not os.path.exists(here + folder + "proof.tlog-proof"): return check("inclusion " + folder, False, "not yet witnessed")
    proof, _, note = read(folder + "proof.tlog-proof").partition(b"\n\n")
    index, *path = proof.decode().split("\n")[1:]
    _, size, root = note.decode().split("\n")[:3]
    fn, sn, h = int(index.split(" ")[1]), int(size) - 1, sha(b"\0", leaf)
    ok = 0 <= fn <= sn and note in checkpoints
    for p in map(base64.b64decode, path):
        ok = ok and sn > 0
        if fn & 1 or fn == sn:
            h = sha(b"\1", p, h)
            while not fn & 1 and fn: fn, sn = fn >> 1, sn >> 1
        else: h = sha(b"\1", h, p)
        fn, sn = fn >> 1, sn >> 1
    check("inclusion " + folder, ok and sn == 0 and h == base64.b64decode(root), index)

index = json.loads(read("parcel.json"))
for c in index["captures"]:
    folder = "captures/" + c["id"] + "/"
    leaf, manifest, salts = read(folder + "leaf"), read(folder + "manifest"), read(folder + "salts")
    said = dict(line.split(" ") for line in leaf.decode().splitlines()[1:])
    check("leaf " + folder, leaf.startswith(b"zoeklicht/capture/v1\n") and said["id"] == c["id"] and said["manifest"] == sha(manifest).hex())
    out, there = {l["name"] for l in c["left_out"]}, 0
    for n, line in enumerate(manifest.decode().splitlines()):
        name, want = line.split(" ")
        if name in out: continue
        record = gzip.decompress(read(folder + name.replace(":", "-") + ".warc.gz"))
        there += 1
        if sha(salts[32 * n:32 * n + 32], record).hex() != want: check("manifest " + folder + name, False)
    check("manifest " + folder, there == len(c["records"]), f"{there} records, {len(out)} left out")
    included(folder, leaf)
    if c.get("after"): check("after " + folder, sha(read(c["after"])).hex() == said["after"], c["after"])
for r in index["records"]:
    folder = f"records/{r['kind']}-{r['id']}/"
    leaf = read(folder + "leaf")
    check("content " + folder, b"\nid %s\ncontent %s\n" % (r["id"].encode(), sha(read(folder + "salt"), read(folder + "content")).hex().encode()) in leaf)
    included(folder, leaf)
print(f"{failed} checks FAIL" if failed else "all checks hold")
sys.exit(failed > 0)
