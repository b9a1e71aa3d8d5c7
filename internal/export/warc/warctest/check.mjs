// Reads a WARC file with warcio and prints a line of JSON for each record.
//   node check.mjs <folder with node_modules> <file.warc.gz>
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { WARCParser } = await import(pathToFileURL(join(folder, "node_modules/warcio/dist/index.js")));

const sha256 = (bytes) => "sha256:" + createHash("sha256").update(bytes).digest("hex");
const records = [];

// Once as blocks, for the block digests.
for await (const r of new WARCParser(createReadStream(file), { keepHeadersCase: true, parseHttp: false })) {
  records.push({
    type: r.warcType,
    uri: r.warcTargetURI ?? "",
    item: r.warcHeader("Zoeklicht-Item") ?? "",
    block: r.warcBlockDigest === sha256(await r.readFully(false)),
  });
}

// Once as messages: payload digests over what follows the head, and the body
// with its codings undone.
let n = 0;
for await (const r of new WARCParser(createReadStream(file), { keepHeadersCase: true })) {
  const record = records[n++];
  const payload = await r.readFully(false);
  if (r.warcType === "response") {
    record.status = r.httpHeaders.statusCode;
    record.payload = r.warcPayloadDigest ? r.warcPayloadDigest === sha256(payload) : "none";
    record.body = sha256(await r.readFully(true));
  }
}
for (const record of records) console.log(JSON.stringify(record));
