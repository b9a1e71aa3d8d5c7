#!/usr/bin/env python3
"""Checks an unpacked package: python3 verify.py [POLICY]. Needs openssl, and nothing else."""
import base64, gzip, hashlib, json, os, re, subprocess, sys, tempfile
from datetime import datetime, timezone

here, failed = os.path.dirname(os.path.abspath(__file__)) + "/", 0
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
read = lambda name: open(here + name, "rb").read()

def check(name, holds, told=""):
    global failed
    failed += not holds
    print(("holds  " if holds else "FAILS  ") + name + (f"  {told}" if told else ""))

def openssl(*args, **files):  # runs openssl beside files of these names; what it prints if all is well
    with tempfile.TemporaryDirectory() as d:
        for name, body in files.items(): open(d + "/" + name, "wb").write(body)
        p = subprocess.run(["openssl", *args], cwd=d, capture_output=True, text=True)
        return p.stdout if p.returncode == 0 else ""

# SHA256SUMS lists every file but itself and its signature, and no other.
sums = dict(line.split("  ", 1)[::-1] for line in read("SHA256SUMS").decode().splitlines())
files = {os.path.relpath(os.path.join(d, f), here) for d, _, names in os.walk(here) for f in names}
wrong = sorted(files ^ (set(sums) | {"SHA256SUMS", "SHA256SUMS.sig"})) + [n for n in sums if n in files and sha(read(n)).hex() != sums[n]]
check("sums", not wrong, ", ".join(wrong) or f"{len(sums)} files")

# The policy says whom to believe. Its certificates stand under the name of whose they are.
print("noted  policy ", sys.argv[1] if sys.argv[1:] else "of the package: this only shows that the package agrees with itself")
policy = open(sys.argv[1] if sys.argv[1:] else here + "policy").read()
head, *sections = re.split(r"^# (?=authority |organisation$)", policy, flags=re.M)
words = [line.split() for line in head.splitlines() if line.strip() and line[0] != "#"]
authorities = "".join(s for s in sections if s.startswith("authority")).encode()
keys = [openssl("x509", "-in", "c", "-noout", "-pubkey", c=c.encode()) for s in sections if s.startswith("organisation")
        for c in re.findall(r"-----BEGIN.*?END CERTIFICATE-----\n", s, re.S)]
check("signature", any(openssl("dgst", "-sha256", "-verify", "k", "-signature", "s", "f", k=k.encode(), s=read("SHA256SUMS.sig"),
                               f=read("SHA256SUMS")) for k in keys), "of the organisation under SHA256SUMS")

def signed(text, line, vkey):  # a line of signature under a checkpoint: Ed25519, of a log (type 1) or a witness (type 4)
    owner, _, key = vkey.split("+", 2)
    key, (_, name, raw) = base64.b64decode(key), line.split(" ")
    hint, sig = base64.b64decode(raw)[:4], base64.b64decode(raw)[4:]
    if name != owner or hint != sha(owner.encode(), b"\n", key)[:4]: return False
    if key[0] == 4: text, sig = b"cosignature/v1\ntime %d\n" % int.from_bytes(sig[:8], "big") + text, sig[8:]
    pem = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + key[1:])
    return bool(openssl("pkeyutl", "-verify", "-pubin", "-inkey", "k", "-rawin", "-in", "t", "-sigfile", "s",
                        k=b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % pem, t=text, s=sig))

index, notes = json.loads(read("parcel.json")), []
for n, c in enumerate(index["checkpoints"], 1):
    folder = f"checkpoints/{n}/"
    notes.append(read(folder + "checkpoint"))
    text, _, lines = notes[-1].partition(b"\n\n")
    by = lambda vkey: any(signed(text + b"\n", line, vkey) for line in lines.decode().splitlines())
    origin = text.decode().split("\n")[0]
    check("log-signature " + folder, any(by(w[1]) for w in words if w[0] == "log" and w[1].split("+")[0] == origin), origin)
    met = {"none": True}  # which witnesses cosigned, and which groups have enough
    for w in words:
        if w[0] == "witness": met[w[1]] = by(w[2])
        if w[0] == "group": met[w[1]] = sum(met[m] for m in w[3:]) >= int({"any": "1", "all": len(w) - 3}.get(w[2], w[2]))
        if w[0] == "quorum": check("witnesses " + folder, met[w[1]], ", ".join(m for m in met if met[m] and m != "none"))
    if authorities and not c["tokens"]: check("timestamp " + folder, False, "there is none")
    for token in c["tokens"]:
        t = re.search(r"Time stamp: (.*\d\d:\d\d:\d\d)[.\d]*( \d+) GMT", openssl("ts", "-reply", "-token_in", "-in", "t", "-text", t=read(folder + token)))
        at = t and datetime.strptime(t[1] + t[2], "%b %d %H:%M:%S %Y").replace(tzinfo=timezone.utc)
        check("timestamp " + folder + token, at and openssl("ts", "-verify", "-data", "d", "-in", "t", "-token_in", "-CAfile", "c", "-attime",
              str(int(at.timestamp())), d=notes[-1], t=read(folder + token), c=authorities), at or "cannot be read")

def included(folder, leaf, checkpoint):  # RFC 6962: from the leaf's hash, by the proof's hashes, to the root
    if not checkpoint: return check("inclusion " + folder, False, "not yet witnessed")
    proof, _, note = read(folder + "proof.tlog-proof").partition(b"\n\n")
    at, *path = proof.decode().split("\n")[1:]
    _, size, root = note.decode().split("\n")[:3]
    fn, sn, h = int(at.split(" ")[1]), int(size) - 1, sha(b"\0", leaf)
    ok = 0 <= fn <= sn and note == notes[checkpoint - 1]
    for p in map(base64.b64decode, path):
        ok = ok and sn > 0
        if fn & 1 or fn == sn:
            h = sha(b"\1", p, h)
            while fn and not fn & 1: fn, sn = fn >> 1, sn >> 1
        else: h = sha(b"\1", h, p)
        fn, sn = fn >> 1, sn >> 1
    check("inclusion " + folder, ok and sn == 0 and h == base64.b64decode(root), at)

for c in index["captures"]:
    folder = f"captures/{c['id']}/"
    leaf, manifest, salts = read(folder + "leaf"), read(folder + "manifest"), read(folder + "salts")
    said = dict(line.split(" ") for line in leaf.decode().splitlines()[1:])
    check("leaf " + folder, leaf.startswith(b"zoeklicht/capture/v1\n") and said["id"] == c["id"] and said["manifest"] == sha(manifest).hex())
    lines = [(n, *line.split(" ")) for n, line in enumerate(manifest.decode().splitlines())]
    there = [line for line in lines if line[1] not in {l["name"] for l in c["left_out"]}]
    wrong = [name for n, name, want in there
             if sha(salts[32 * n:32 * n + 32], gzip.decompress(read(folder + name.replace(":", "-") + ".warc.gz"))).hex() != want]
    check("manifest " + folder, not wrong and len(there) == len(c["records"]), ", ".join(wrong) or f"{len(there)} of {len(lines)} records are there")
    included(folder, leaf, c["checkpoint"])
    if c.get("after"): check("after " + folder, sha(read(c["after"])).hex() == said["after"], c["after"])
for r in index["records"]:
    folder = f"records/{r['kind']}-{r['id']}/"
    content = sha(read(folder + "salt"), read(folder + "content")).hex()
    check("content " + folder, f"zoeklicht/{r['kind']}/v1\nid {r['id']}\ncontent {content}\n".encode() in read(folder + "leaf"))
    included(folder, read(folder + "leaf"), r["checkpoint"])
print(f"{failed} checks FAIL" if failed else "all checks hold")
sys.exit(failed > 0)
