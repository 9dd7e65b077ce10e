#!/usr/bin/env python3
"""Compare what package databases state with what our CycloneDX document says, entry by entry.

    databases.py TOOLKIT LAYOUT dpkg|apk|rpm

Reads the databases of every layer of an OCI layout with Python's own tar, gzip and SQLite, shares no code with the catalogers, and compares for each
package of the final image: licence as declared, source package with its version, the packages it depends on, and the layer that introduced it. Prints
how many entries were compared; exit 1 where one differs or none was found.

Dependencies are those that the database states: of a relation with alternatives every installed one; names are satisfied by packages, by what they
provide and, for apk and rpm, by the files they own. Versions in relations are not compared: the package manager did so. Conditional relations (rpm's
`if`, `unless`, `without`) state nothing about this image.
"""
import gzip, io, json, os, re, sqlite3, struct, subprocess, sys, tarfile, tempfile


def layers(layout):
    """The layers of the layout's one image, bottom first, as dictionaries of path to bytes; None where a layer deletes a path."""
    def blob(digest):
        with open(os.path.join(layout, "blobs", *digest.split(":")), "rb") as f:
            return f.read()
    with open(os.path.join(layout, "index.json")) as f:
        (manifest,) = json.load(f)["manifests"]
    for layer in json.loads(blob(manifest["digest"]))["layers"]:
        data, files = blob(layer["digest"]), {}
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)) as tar:
            for entry in tar:
                name = os.path.normpath(entry.name).lstrip("/")
                folder, base = os.path.split(name)
                if base.startswith(".wh."):
                    files[os.path.join(folder, base[4:])] = None
                elif entry.isfile():
                    files[name] = tar.extractfile(entry).read()
        yield files


def paragraphs(text):
    """Deb822: a list of dictionaries of lower-case field to its lines."""
    out, current, field = [], {}, None
    for line in text.split("\n") + [""]:
        if not line.strip():
            if current:
                out.append(current)
            current, field = {}, None
        elif line[0] in " \t":
            if field:
                current[field].append(line.strip())
        elif ":" in line and line[0] != "#":
            field, _, value = line.partition(":")
            field = field.lower()
            current[field] = [value.strip()]
    return out


def declared(copyright):
    """The licences of a copyright file: the `License` synopses of DEP-5, else the common licences referred to (policy 12.5)."""
    text = copyright.decode("utf-8", "replace")
    first = next((line for line in text.split("\n") if line.strip()), "")
    name, _, value = first.partition(":")
    if name.strip().lower() in ("format", "format-specification") and ("copyright-format" in value or "dep" in value.lower()):
        found = [p["license"][0] for i, p in enumerate(paragraphs(text)) if "license" in p and (i == 0 or "files" in p)]
        return {x for x in found if x}
    return {x.rstrip(".-_") for x in re.findall(r"/usr/share/common-licenses/([A-Za-z0-9._+-]+)", text)} - {""}


def relation_names(lines):
    names = (re.match(r"[^\s(\[<:]*", part.strip()).group() for line in lines for part in re.split("[,|]", line))
    return {n for n in names if n}


def dpkg(view):
    """Packages of a dpkg database; `view` is a dictionary of path to bytes."""
    for path, data in view.items():
        if not (path.endswith("lib/dpkg/status") or "lib/dpkg/status.d/" in path and not path.endswith((".md5sums", ".list"))):
            continue
        for p in paragraphs(data.decode("utf-8", "replace")):
            status = p.get("status", [""])[0].split()
            if "package" not in p or "version" not in p or (len(status) == 3 and status[2] in ("not-installed", "config-files", "half-installed")):
                continue
            name, version = p["package"][0], p["version"][0]
            source = re.match(r"(\S+)\s*(?:\((.*)\))?", p.get("source", [name])[0])
            copyright = view.get(f"usr/share/doc/{name}/copyright")
            yield {"name": name, "version": version, "arch": p.get("architecture", [None])[0], "source": (source[1], source[2] or version),
                   "licences": declared(copyright) if copyright else set(),
                   "needs": relation_names(p.get("pre-depends", []) + p.get("depends", [])), "provides": relation_names(p.get("provides", [])) | {name}}


def apk(view):
    for path, data in view.items():
        if not path.endswith("lib/apk/db/installed"):
            continue
        for stanza in data.decode("utf-8", "replace").split("\n\n"):
            one, files, folder = {}, set(), ""
            for line in stanza.split("\n"):
                key, _, value = line.partition(":")
                if key == "F":
                    folder = value
                elif key == "R":
                    files.add("/" + os.path.join(folder, value))
                elif key:
                    one[key] = value
            if "P" not in one:
                continue
            words = lambda key: {re.split("[<>=~]", word)[0] for word in one.get(key, "").split() if not word.startswith("!")}
            yield {"name": one["P"], "version": one["V"], "arch": one.get("A"), "source": (one["o"], one["V"]) if "o" in one else None,
                   "licences": {one["L"]} if one.get("L") else set(), "needs": words("D"), "provides": words("p") | files | {one["P"]}}


def header(blob):
    """The tags of an rpm header: integers and strings only."""
    count, size = struct.unpack(">II", blob[:8])
    store, tags = blob[8 + 16 * count:8 + 16 * count + size], {}
    for i in range(count):
        tag, kind, offset, number = struct.unpack(">IIII", blob[8 + 16 * i:24 + 16 * i])
        if kind in (6, 8, 9):
            end, values = offset, []
            for _ in range(number):
                stop = store.index(b"\0", end)
                values.append(store[end:stop].decode("utf-8", "replace"))
                end = stop + 1
            tags[tag] = values if kind == 8 else values[:1]
        elif kind == 4:
            tags[tag] = list(struct.unpack(f">{number}I", store[offset:offset + 4 * number]))
    return tags


def requirement(text):
    if not text.startswith("("):
        return {text}
    words = text.split()
    if {"if", "unless", "without"} & set(words):
        return set()
    out, skip = set(), False
    for word in words:
        if word in ("<", "<=", "=", ">=", ">"):
            skip = True
        elif skip:
            skip = False
        elif word not in ("and", "or", "with"):
            word = word.lstrip("(")
            while word.count(")") > word.count("("):
                word = word[:-1]
            out.add(word)
    return out


def rpm(view):
    for path, data in view.items():
        if not path.endswith("rpm/rpmdb.sqlite"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "db")
            for suffix in ("", "-wal"):
                if view.get(path + suffix):
                    with open(copy + suffix, "wb") as f:
                        f.write(view[path + suffix])
            rows = [blob for (blob,) in sqlite3.connect(copy).execute("SELECT blob FROM Packages")]
        for tags in map(header, rows):
            name = tags[1000][0]
            version = f"{tags[1001][0]}-{tags[1002][0]}"
            if 1003 in tags:
                version = f"{tags[1003][0]}:{version}"
            source = re.match(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$", tags.get(1044, [""])[0])
            files = {tags[1118][d] + b for b, d in zip(tags.get(1117, []), tags.get(1116, []))}
            needs = {n for need in tags.get(1049, []) if not need.startswith("rpmlib(") for n in requirement(need)}
            yield {"name": name, "version": version, "arch": tags.get(1022, [None])[0], "source": source and (source[1], source[2]),
                   "licences": {tags[1014][0]}, "needs": needs, "provides": set(tags.get(1047, [])) | files | {name}}


def expected(layout, read):
    """Packages of the final image by name and version, with dependencies resolved and the layer since which each is there."""
    view, since, final = {}, {}, []
    for index, files in enumerate(layers(layout)):
        for path, data in files.items():
            if data is None:
                view = {p: d for p, d in view.items() if p != path and not p.startswith(path + "/")}
            else:
                view[path] = data
        final = list(read(view))
        keys = {(p["name"], p["version"], p["arch"]) for p in final}
        since = {key: since.get(key, index) for key in keys}
    by_provided = {}
    for p in final:
        for name in p["provides"]:
            by_provided.setdefault(name, set()).add(p["name"])
    return {(p["name"], p["version"]): {
        "licences": p["licences"], "source": p["source"], "layer": since[p["name"], p["version"], p["arch"]],
        "depends on": {other for need in p["needs"] for other in by_provided.get(need, ())} - {p["name"]}} for p in final}


def found(document, kind):
    names = {c["bom-ref"]: c["name"] for c in document["components"]}
    edges = {d["ref"]: {names[to] for to in d.get("dependsOn", [])} for d in document["dependencies"] if d["ref"] in names}
    out = {}
    for c in document["components"]:
        if not c.get("purl", "").startswith(f"pkg:{kind}/"):
            continue
        properties = {p["name"]: p["value"] for p in c.get("properties", [])}
        source = (properties.get("toolkit:source:name"), properties.get("toolkit:source:version"))
        licences = {entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
                    for entry in c.get("licenses", []) if (entry if "expression" in entry else entry["license"])["acknowledgement"] == "declared"}
        out[c["name"], c["version"]] = {"licences": licences, "source": source if source[0] else None, "layer": int(properties["toolkit:layer:index"]),
                                        "depends on": edges[c["bom-ref"]] - {c["name"]}}
    return out


def main():
    toolkit, layout, kind = sys.argv[1:]
    wanted = expected(layout, {"dpkg": dpkg, "apk": apk, "rpm": rpm}[kind])
    document = json.loads(subprocess.run([toolkit, "sbom", f"oci-dir:{layout}", "-o", "cyclonedx-json"], check=True, stdout=subprocess.PIPE).stdout)
    got = found(document, "deb" if kind == "dpkg" else kind)
    wrong = [f"{name} {version}: only in the {'database' if (name, version) in wanted else 'document'}" for name, version in sorted(set(wanted) ^ set(got))]
    for key in sorted(set(wanted) & set(got)):
        for fact, value in wanted[key].items():
            if value != got[key][fact]:
                wrong.append(f"{' '.join(key)}: {fact}: the database says {value}, the document {got[key][fact]}")
    counts = {"packages": len(wanted), "licences": sum(len(p["licences"]) for p in wanted.values()), "sources": sum(p["source"] is not None for p in wanted.values()),
              "edges": sum(len(p["depends on"]) for p in wanted.values()), "layers": len({p["layer"] for p in wanted.values()})}
    print(json.dumps(counts | {"differences": len(wrong)}), *wrong, sep="\n")
    return 1 if wrong or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
